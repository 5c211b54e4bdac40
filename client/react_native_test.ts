/**
 * The client with nothing but the globals of React Native: no Web Locks, no
 * `crypto`, no streams, no `document`, and a storage that returns promises.
 */
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import vm from "node:vm";
import type { SessionClient, SessionEvent } from "./mod.ts";
import { ADA, URL_, world } from "./testing.ts";

const entry = new URL("mod.ts", import.meta.url);

/** What React Native 0.80 defines besides the language's own globals. */
const GLOBALS = [
  "AbortController",
  "AbortSignal",
  "Blob",
  "FormData",
  "Headers",
  "Request",
  "Response",
  "URL",
  "URLSearchParams",
  "atob",
  "btoa",
  "clearInterval",
  "clearTimeout",
  "console",
  "queueMicrotask",
  "setInterval",
  "setTimeout",
] as const;

async function bundle(): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform=browser", fromFileUrl(entry)],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).replace(
    /export \{([^}]*)\};?\s*$/,
    (_, names: string) => `globalThis.latchkey = {${names}};`,
  );
}

/** A React Native app, its server, and a way to let time pass. */
async function start() {
  const { clock, server } = world();
  const items = new Map<string, string>();
  const globals: Record<string, unknown> = {
    navigator: { product: "ReactNative" },
    fetch: async (...request: Parameters<typeof fetch>) => {
      const response = await server.fetch(...request);
      // React Native's Response has no body stream.
      return Object.defineProperty(response, "body", { value: undefined });
    },
    options: {
      url: URL_,
      key: "sb_publishable_test",
      storage: {
        getItem: (key: string) => Promise.resolve(items.get(key) ?? null),
        setItem: (key: string, value: string) =>
          Promise.resolve(void items.set(key, value)),
        removeItem: (key: string) => Promise.resolve(void items.delete(key)),
      },
      environment: { now: () => clock.now },
    },
  };
  for (const name of GLOBALS) globals[name] = globalThis[name];
  const context = vm.createContext({ ...globals });
  vm.runInContext("globalThis.window = globalThis.self = globalThis", context);
  vm.runInContext(await bundle(), context);
  const missing = ["crypto", "document", "ReadableStream", "localStorage"];
  for (const name of missing) {
    assertEquals(vm.runInContext(`typeof ${name}`, context), "undefined");
  }
  const client: SessionClient = vm.runInContext(
    "latchkey.createSessionClient(options)",
    context,
  );
  const events: SessionEvent["type"][] = [];
  client.onChange(({ type }) => void events.push(type));
  return { client, clock, server, events, items };
}

Deno.test("React Native: signs in, refreshes, retries and signs out", async () => {
  const { client, clock, server, events, items } = await start();
  const session = await client.signIn(ADA);
  clock.now += 850_000;
  const [one, two] = await Promise.all([
    client.getAccessToken(),
    client.getAccessToken(),
  ]);
  assert(one && one !== session.access_token);
  assertEquals(one, two);
  assertEquals(server.refreshes, 1);

  server.next = [
    () => Response.json({ code: "token_expired" }, { status: 401 }),
  ];
  const response = await client.fetch(`${URL_}/rest/v1/notes`, {
    method: "POST",
    body: "hello",
  });
  assertEquals((await response.json()).body, "hello");
  assertEquals(server.refreshes, 2);

  await client.signOut();
  assertEquals(items.size, 0);
  assertEquals(events, [
    "signed_out",
    "signed_in",
    "token_refreshed",
    "token_refreshed",
    "signed_out",
  ]);
  client.close();
});
