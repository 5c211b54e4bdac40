/**
 * Loaded before the app. It stands between the app's server and Supabase: it
 * loses the answers to the first refreshes, as a network does after the server
 * has done the work, and writes down each call.
 */
import { appendFileSync } from "node:fs";

const { fetch } = globalThis;
const { CALLS_LOG, LOST_ANSWERS } = process.env;
let left = Number(LOST_ANSWERS);

globalThis.fetch = async (input, init) => {
  const url = String(input?.url ?? input);
  if (CALLS_LOG) appendFileSync(CALLS_LOG, `${new URL(url).pathname}\n`);
  const response = await fetch(input, init);
  if (left > 0 && url.endsWith("/refresh")) {
    left--;
    await response.arrayBuffer();
    throw new TypeError("fetch failed");
  }
  return response;
};
