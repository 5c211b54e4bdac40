/**
 * An app in Node.js or Deno: signs in, refreshes, calls the project, guards a
 * request, and is signed out from another device. package_test.ts runs it beside
 * the installed package and reads the JSON that it prints.
 */
import process from "node:process";
import { createClient } from "@supabase/supabase-js";
import { createSessionClient, memoryProofKey } from "supabase-latchkey";
import { requireSession } from "supabase-latchkey/functions";
import WebSocket from "ws";

const { url, key, secretKey, credentials } = JSON.parse(process.argv[2]);
process.env.SUPABASE_URL = url;
process.env.SUPABASE_SERVICE_ROLE_KEY = secretKey;

let ahead = 0;
const device = () =>
  createSessionClient({
    url,
    key,
    proofKey: memoryProofKey(),
    environment: { now: () => Date.now() + ahead },
  });
const [phone, laptop] = [device(), device()];
const events = [];
const ended = new Promise((resolve) =>
  phone.onChange((event) => {
    events.push(event.type);
    if (event.type === "session_revoked") resolve(event);
  })
);

const until = async (condition) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
};

const { session_id, expires_at, expires_in } = await phone.signIn(credentials);
await laptop.signIn(credentials);

// Within one second the same claims may give the same token.
await until(() => Date.now() >= (expires_at - expires_in + 1) * 1000);
ahead += 850_000;
const [one, two] = await Promise.all([
  phone.getAccessToken(),
  phone.getAccessToken(),
]);

const bound = (await phone.sessions()).map((session) => session.bound);

const profile = await (await phone.fetch(`${url}/functions/v1/profile`)).json();
const request = new Request(url, {
  headers: { Authorization: `Bearer ${one}` },
});
const caller = await requireSession(request, { live: true });

const supabase = createClient(url, key, {
  accessToken: phone.getAccessToken,
  // Node.js has no WebSocket before version 22.
  realtime: { transport: WebSocket },
});
const { data: rows } = await supabase.schema("latchkey").from("sessions")
  .select("session_id").eq("current", true);

phone.watch(supabase);
await until(() => supabase.getChannels()[0]?.state === "joined");
await laptop.revoke(session_id);
const { reason } = await ended;
const refusal = await requireSession(request, { live: true });
await until(() => supabase.getChannels().length === 0);
supabase.realtime.disconnect();
await laptop.signOut();

console.log(JSON.stringify({
  version: process.version,
  events,
  sameToken: one === two,
  bound,
  ownSession: profile.session_id === session_id &&
    rows[0].session_id === session_id,
  guarded: [caller.sessionId === session_id, refusal.status],
  reason,
  tokenAfterwards: await phone.getAccessToken(),
}));
