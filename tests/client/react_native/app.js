/** Runs the client in Hermes, and prints what it did as JSON. */
require("./globals.js");
const SecureStore = require("expo-secure-store");
const { native } = require("./expo_modules_core.js");
const { ADA, Clock, Server, URL_ } = require("../../../client/testing.ts");
const { Device } = require("../../../client/testing_react_native.ts");

/** A phone with the JavaScript part of `expo-secure-store`. */
class Phone extends Device {
  modules(machine) {
    const modules = super.modules(machine);
    native.SecureStore = modules.SecureStore;
    return { ...modules, SecureStore };
  }
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
  const atRest = device.atRest;
  await app.signOut();
  return {
    missing: ["crypto", "document", "localStorage", "ReadableStream"]
      .filter((name) => name in globalThis),
    isNew: tokens[0] !== session.access_token,
    isSame: tokens[0] === tokens[1],
    refreshes: server.refreshes,
    body,
    token: atRest.tokens[0].refresh_token,
    isSplit: !("refresh_token" in atRest.record),
    left: device.files.size + device.keystore.size,
    events: app.events.map(({ type }) => type),
  };
}

run().then(
  (result) => print(JSON.stringify(result)),
  (error) => print(error.stack),
);
