/**
 * Loaded into an app's server with `node --import`: loses the first two answers
 * of /refresh for each refresh token, after the project has handled them.
 */
const LOST_PER_TOKEN = 2;

const send = globalThis.fetch;
const counts = new Map();

globalThis.fetch = async (input, init) => {
  const response = await send(input, init);
  if (!String(input).endsWith("/refresh")) return response;
  const { refresh_token } = JSON.parse(init.body);
  const count = (counts.get(refresh_token) ?? 0) + 1;
  counts.set(refresh_token, count);
  if (count > LOST_PER_TOKEN) return response;
  await response.arrayBuffer();
  throw new TypeError("The answer was lost, on purpose.");
};
