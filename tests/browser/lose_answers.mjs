/**
 * Loaded into an app's server with `node --import`: loses every second answer
 * of /refresh, after the project has handled the request.
 */
const send = globalThis.fetch;
let count = 0;

globalThis.fetch = async (input, init) => {
  const response = await send(input, init);
  const url = String(input instanceof Request ? input.url : input);
  if (!url.endsWith("/refresh") || ++count % 2 === 0) return response;
  await response.arrayBuffer();
  throw new TypeError("The answer was lost, on purpose.");
};
