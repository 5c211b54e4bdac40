/**
 * An app in Node.js: signs in, refreshes, asks, and is signed out from another
 * device. Run by client_package_test.ts, beside the built package; what it saw
 * goes to the output as JSON.
 */
import { createClient } from "@supabase/supabase-js";
import { createSessionClient } from "latchkey";
import WebSocket from "ws";

const { url, key, credentials } = JSON.parse(process.argv[2]);
let ahead = 0;
const device = () =>
  createSessionClient({
    url,
    key,
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

// In the same second the same claims may make the same token.
await until(() => Date.now() >= (expires_at - expires_in + 1) * 1000);
ahead += 850_000;
const [one, two] = await Promise.all([
  phone.getAccessToken(),
  phone.getAccessToken(),
]);

const profile = await (await phone.fetch(`${url}/functions/v1/profile`)).json();

const supabase = createClient(url, key, {
  accessToken: phone.getAccessToken,
  // Before version 22, Node.js has no WebSocket of its own.
  realtime: { transport: WebSocket },
});
const { data: rows } = await supabase.schema("latchkey").from("sessions")
  .select("session_id").eq("current", true);

phone.watch(supabase);
await until(() => supabase.getChannels()[0]?.state === "joined");
await laptop.revoke(session_id);
const { reason } = await ended;
await until(() => supabase.getChannels().length === 0);
supabase.realtime.disconnect();
await laptop.signOut();

console.log(JSON.stringify({
  node: process.version,
  events,
  sameToken: one === two,
  ownSession: profile.session_id === session_id &&
    rows?.[0]?.session_id === session_id,
  reason,
  tokenAfterwards: await phone.getAccessToken(),
}));
// supabase-js holds a process for ten seconds after its socket was closed.
process.exit();
