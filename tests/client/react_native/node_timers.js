export const setImmediate = (work) => globalThis.setImmediate(work);
