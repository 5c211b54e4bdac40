/**
 * The globals that React Native defines, from the modules that it takes them
 * from. Hermes alone has only those of the language and timers.
 *
 * `crypto`, `document`, `localStorage`, `ReadableStream` and Web Locks are
 * missing here as there.
 */
globalThis.window = globalThis.self = globalThis;
globalThis.navigator = { product: "ReactNative" };
globalThis.console = { error: print, log: print, warn: print };
globalThis.performance = { now: () => Date.now() };

// Hermes itself has these three since React Native 0.74.
const { Buffer } = require("buffer");
globalThis.atob = (text) => Buffer.from(text, "base64").toString("latin1");
globalThis.btoa = (text) => Buffer.from(text, "latin1").toString("base64");
globalThis.TextEncoder = class {
  encode(text) {
    return new Uint8Array(Buffer.from(text));
  }
};

// No native module is there.
globalThis.RN$Bridgeless = true;
globalThis.__turboModuleProxy = () => null;
globalThis.nativeModuleProxy = {};
const { AbortController } = require(
  "react-native/src/private/webapis/dom/abort-api/AbortController",
);
globalThis.AbortController = AbortController;
require("react-native-url-polyfill/auto");
require("whatwg-fetch");

// Only the tests' server calls it.
Response.json = (value, init) => new Response(JSON.stringify(value), init);
