import { assert, assertEquals } from "@std/assert";
import { browserStorage, defaultEnvironment } from "./environment.ts";

Deno.test("a delay of more than 2^31 ms does not overflow", () => {
  const original = globalThis.setTimeout;
  let delay = 0;
  globalThis.setTimeout = ((_work: () => void, milliseconds: number) => {
    delay = milliseconds;
  }) as unknown as typeof setTimeout;
  try {
    defaultEnvironment.setTimeout(() => {}, 2 ** 32);
  } finally {
    globalThis.setTimeout = original;
  }
  assertEquals(delay, 2 ** 31 - 1);
});

Deno.test("a server does not use its runtime's localStorage", () => {
  assert("localStorage" in globalThis);
  assertEquals(browserStorage(), undefined);
});

Deno.test("a browser uses its localStorage", () => {
  asBrowser(() => assert(browserStorage() === localStorage));
});

Deno.test("only a browser's events are listened to", () => {
  let heard = 0;
  const stop = defaultEnvironment.on("online", () => void heard++);
  dispatchEvent(new Event("online"));
  assertEquals(heard, 0);
  stop();
  asBrowser((document) => {
    const stops = [
      defaultEnvironment.on("online", () => void heard++),
      defaultEnvironment.on("visible", () => void heard++),
    ];
    dispatchEvent(new Event("online"));
    document.dispatchEvent(new Event("visibilitychange"));
    assertEquals(heard, 2);
    for (const stop of stops) stop();
    dispatchEvent(new Event("online"));
    document.dispatchEvent(new Event("visibilitychange"));
    assertEquals(heard, 2);
  });
});

/** Runs work while there is a document, as in a browser. */
function asBrowser(work: (document: EventTarget) => void): void {
  const document = new EventTarget();
  Object.assign(globalThis, { document });
  try {
    work(document);
  } finally {
    Reflect.deleteProperty(globalThis, "document");
  }
}
