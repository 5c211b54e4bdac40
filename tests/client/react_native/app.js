/** Runs the client in Hermes, and prints what it did as JSON. */
require("./globals.js");
const { run: soak } = require("../../../client/soak.ts");
const { ADA, Clock, Server, URL_ } = require("../../../client/testing.ts");
const { Phone } = require("./phone.js");

const SEEDS = 20;

async function soakOn(isBound) {
  const device = (clock, server) => new Phone(clock, server);
  let refreshes = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    refreshes += (await soak(seed, { isBound, device })).refreshes;
  }
  return refreshes > SEEDS;
}

async function run() {
  const clock = new Clock();
  const server = new Server(clock);
  const device = new Phone(clock, server);
  const app = device.tab();
  const session = await app.signIn(ADA);
  clock.now += 850_000;
  const tokens = await Promise.all([
    app.getAccessToken(),
    app.getAccessToken(),
  ]);
  server.next = [
    () => Response.json({ code: "token_expired" }, { status: 401 }),
  ];
  const response = await app.fetch(`${URL_}/rest/v1/notes`, {
    method: "POST",
    body: "hello",
  });
  const { body } = await response.json();
  const { record, tokens: stored } = device;
  await app.signOut();
  return {
    missing: ["crypto", "document", "localStorage", "ReadableStream"]
      .filter((name) => name in globalThis),
    isNew: tokens[0] !== session.access_token,
    isSame: tokens[0] === tokens[1],
    refreshes: server.refreshes,
    body,
    token: stored[0].refresh_token,
    isSplit: !("refresh_token" in record),
    left: device.files.size + device.keystore.size,
    events: app.events.map(({ type }) => type),
    unbound: await soakOn(false),
    bound: await soakOn(true),
  };
}

run().then(
  (result) => print(JSON.stringify(result)),
  (error) => print(error.stack),
);
