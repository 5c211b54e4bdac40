import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { createSessionClient } from "./client.ts";
import { deviceId } from "./device.ts";
import { ADA, BOB, type Server, URL_, world } from "./testing.ts";

/** The device ids of the sign-ins, in their order. */
async function idsOf({ requests }: Server): Promise<(string | undefined)[]> {
  const logins = requests.filter(({ url }) => url.endsWith("/login"));
  return await Promise.all(
    logins.map(async (login) => (await login.clone().json()).device_id),
  );
}

Deno.test("every sign-in of a browser sends the same device id, also after a sign-out and in another tab", async () => {
  const { browser, server } = world();
  await browser.tab().signIn(ADA);
  await browser.tab().signOut();
  await browser.tab().signIn(BOB);
  await browser.tab().adopt("auth token");
  const [id, ...others] = await idsOf(server);
  assertMatch(id!, /^[0-9a-f]{32}$/);
  assertEquals(others, [id, id]);
  assertEquals(browser.items.get("latchkey.project.example.device"), id);
});

Deno.test("a browser whose storage was cleared is a new device", async () => {
  const { browser, server } = world();
  await browser.tab().signIn(ADA);
  browser.items.clear();
  await browser.tab().signIn(ADA);
  const [before, after] = await idsOf(server);
  assertNotEquals(before, after);
});

Deno.test("a client without a storage sends no device id", async () => {
  const requests: Request[] = [];
  const client = createSessionClient({
    url: URL_,
    key: "sb_publishable_x",
    fetch: (input, init) => {
      requests.push(new Request(input, init));
      return Promise.resolve(Response.json({}, { status: 500 }));
    },
  });
  await client.signIn(ADA).catch(() => {});
  client.close();
  assertEquals(Object.keys(await requests[0]!.json()).sort(), [
    "email",
    "password",
  ]);
});

/** A storage that holds one item, or fails. */
const storageOf = (
  item: string | null,
  changes: Record<string, () => never> = {},
) => ({
  getItem: () => item,
  setItem: (_key: string, value: string) => void (item = value),
  removeItem: () => void (item = null),
  ...changes,
});
const fail = () => {
  throw new Error("The storage fails");
};

Deno.test("an id that an app stored is kept, and one that the server would refuse is replaced", async () => {
  assertEquals(await deviceId(storageOf("kiosk-7"), "key"), "kiosk-7");
  for (const bad of ["", "x".repeat(129), "two words", "a\u0000"]) {
    const id = await deviceId(storageOf(bad), "key");
    assertMatch(id!, /^[0-9a-f]{32}$/);
  }
});

Deno.test("a storage that fails or forgets gives no id, and a sign-in works without", async () => {
  for (
    const storage of [
      storageOf(null, { getItem: fail }),
      storageOf(null, { setItem: fail }),
      { ...storageOf(null), setItem: () => {} },
    ]
  ) {
    assertEquals(await deviceId(storage, "key"), undefined);
    const { browser, server } = world();
    await browser.tab({ storage }).signIn(ADA);
    assertEquals(await idsOf(server), [undefined]);
  }
});

Deno.test("two tabs that create an id at the same moment agree on one", async () => {
  const items = new Map<string, string>();
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
  const storage = {
    getItem: (key: string) => pause().then(() => items.get(key) ?? null),
    setItem: (key: string, value: string) =>
      pause().then(() => void items.set(key, value)),
    removeItem: () => {},
  };
  const [one, two] = await Promise.all([
    deviceId(storage, "key"),
    deviceId(storage, "key"),
  ]);
  assertEquals(one, two);
});
