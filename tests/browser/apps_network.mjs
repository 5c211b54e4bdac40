/**
 * Loaded into an app's server with `node --import`. For each refresh token, it
 * loses the first `LOST_ANSWERS` answers of /refresh, after the project has
 * handled them. It writes the path of each call to the file `CALLS_LOG`.
 */
import { appendFileSync } from "node:fs";

const { fetch } = globalThis;
const { CALLS_LOG, LOST_ANSWERS } = process.env;
const lost = new Map();

globalThis.fetch = async (input, init) => {
  const url = String(input?.url ?? input);
  if (CALLS_LOG) appendFileSync(CALLS_LOG, `${new URL(url).pathname}\n`);
  const response = await fetch(input, init);
  if (!url.endsWith("/refresh")) return response;
  const { refresh_token } = JSON.parse(init.body);
  const count = lost.get(refresh_token) ?? 0;
  if (count >= Number(LOST_ANSWERS)) return response;
  lost.set(refresh_token, count + 1);
  await response.arrayBuffer();
  throw new TypeError("fetch failed");
};
