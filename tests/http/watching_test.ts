/**
 * Sessions that move to another client, and sign-ins on new devices. The headers
 * are those that real browsers send.
 */
import { assert, assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import {
  Api,
  api,
  expectOk,
  newUser,
  type Session,
  stack,
  supabase,
  type User,
  WAYS,
  withDatabase,
  withSettings,
} from "../harness.ts";

/** Where a request comes from. */
interface From {
  userAgent?: string;
  ip?: string;
  country?: string;
}

const CHROME = "AppleWebKit/537.36 (KHTML, like Gecko)";
const WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const IPHONE = "iPhone; CPU iPhone OS 18_6 like Mac OS X";

const windowsChrome = (version: number) =>
  `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Chrome/${version}.0.0.0 Safari/537.36`;
const windowsEdge = (version: number) =>
  `${windowsChrome(version)} Edg/${version}.0.0.0`;
const windowsFirefox = (version: number) =>
  `Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`;
const macSafari = (version: string) =>
  `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/${version} Safari/605.1.15`;
const iphoneSafari = (version: string) =>
  `Mozilla/5.0 (${IPHONE}) ${WEBKIT} Version/${version} Mobile/15E148 Safari/604.1`;
const androidChrome = (version: number) =>
  `Mozilla/5.0 (Linux; Android 10; K) ${CHROME} Chrome/${version}.0.0.0 Mobile Safari/537.36`;
const androidWebview = (version: string) =>
  `Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UD1A.230803.041; wv) ${CHROME} Version/4.0 Chrome/${version} Mobile Safari/537.36`;

function headers({ userAgent, ip, country }: From): Record<string, string> {
  return {
    // Without one, fetch would send its own.
    "User-Agent": userAgent ?? "",
    ...ip && { "X-Forwarded-For": ip },
    ...country && { "CF-IPCountry": country },
  };
}

async function login(
  user: User,
  from: From,
  more: Record<string, unknown> = {},
  to: Api = api,
): Promise<Session> {
  const { email, password } = user;
  return expectOk(
    await to.post("login", { email, password, ...more }, headers(from)),
  );
}

function refresh({ refresh_token }: Session, from: From, to: Api = api) {
  return to.post("refresh", { refresh_token }, headers(from));
}

/** Refreshes from each of the clients in turn; returns the last session. */
async function refreshFrom(session: Session, clients: From[], to: Api = api) {
  for (const from of clients) {
    session = expectOk(await refresh(session, from, to));
  }
  return session;
}

/** The changes of client of a session, as "Chrome on Windows DE → curl US". */
async function changesOf({ session_id }: Pick<Session, "session_id">) {
  return await withDatabase(stack.dbUrl, async (sql) => {
    const rows = await sql`
      select concat_ws(' ', previous_client, previous_country, '→', client, country) as change
      from latchkey.session_events
      where session_id = ${session_id} and event = 'session_client_changed'
      order by created_at`;
    return rows.map(({ change }) => change as string);
  });
}

const user = await newUser();

/** The stack's gateway overwrites X-Forwarded-For, so this goes past it. */
const direct = new Api(WAYS["over a connection"]);

for (
  const [name, ...clients] of [
    [
      "Chrome updates itself",
      { userAgent: windowsChrome(152) },
      { userAgent: windowsChrome(153) },
      { userAgent: windowsChrome(154) },
    ],
    [
      "Safari updates itself with macOS",
      { userAgent: macSafari("18.6") },
      { userAgent: macSafari("26.1") },
    ],
    [
      "Firefox updates itself",
      { userAgent: windowsFirefox(144) },
      { userAgent: windowsFirefox(145) },
    ],
    [
      "Edge updates itself",
      { userAgent: windowsEdge(152) },
      { userAgent: windowsEdge(153) },
    ],
    [
      "a phone moves between Wi-Fi, mobile networks and countries",
      { userAgent: iphoneSafari("26.1"), ip: "203.0.113.7", country: "DE" },
      { userAgent: iphoneSafari("26.1"), ip: "2001:db8::7", country: "DE" },
      { userAgent: iphoneSafari("26.1"), ip: "198.51.100.9", country: "FR" },
      { userAgent: iphoneSafari("26.1"), ip: "203.0.113.7", country: "DE" },
    ],
    [
      "a VPN and Tor are turned on",
      { userAgent: windowsFirefox(145), ip: "203.0.113.7", country: "DE" },
      { userAgent: windowsFirefox(145), ip: "192.0.2.66", country: "US" },
      { userAgent: windowsFirefox(145), ip: "192.0.2.77", country: "T1" },
    ],
    [
      "an app's webview is updated",
      { userAgent: androidWebview("120.0.6099.144") },
      { userAgent: androidWebview("121.0.6167.101") },
    ],
    [
      "the webview of an app on an iPhone is updated with it",
      {
        userAgent: `Mozilla/5.0 (${IPHONE}) ${WEBKIT} Mobile/15E148 Acme/3.1`,
      },
      {
        userAgent: `Mozilla/5.0 (${IPHONE}) ${WEBKIT} Mobile/15E148 Acme/4.0`,
      },
    ],
    [
      "Chrome reduces its User-Agent header",
      {
        userAgent:
          `Mozilla/5.0 (Linux; Android 14; Pixel 8 Pro) ${CHROME} Chrome/109.0.5414.85 Mobile Safari/537.36`,
      },
      { userAgent: androidChrome(110) },
    ],
    [
      "a phone requests the desktop site, and the mobile one again",
      { userAgent: androidChrome(153) },
      {
        userAgent:
          `Mozilla/5.0 (X11; Linux x86_64) ${CHROME} Chrome/153.0.0.0 Safari/537.36`,
      },
      { userAgent: androidChrome(153) },
    ],
    [
      "an iPad changes the width of its window",
      { userAgent: macSafari("26.1") },
      { userAgent: iphoneSafari("26.1") },
    ],
    [
      "an app updates its network library",
      { userAgent: "okhttp/4.12.0" },
      { userAgent: "okhttp/5.1.0" },
    ],
    [
      "a client never sends the header",
      { ip: "203.0.113.7" },
      { ip: "198.51.100.9" },
    ],
  ] as [string, ...From[]][]
) {
  Deno.test(`watching: ${name}: no alarm`, async () => {
    const [first, ...others] = clients;
    const session = await refreshFrom(
      await login(user, first!, {}, direct),
      [first!, ...others],
      direct,
    );
    assertEquals(await changesOf(session), []);
  });
}

for (
  const [name, thief, client] of [
    ["by curl", { userAgent: "curl/8.14.1" }, "curl"],
    ["by a script", { userAgent: "python-requests/2.32.3" }, "python-requests"],
    [
      "on another platform",
      { userAgent: macSafari("26.1") },
      "Safari on macOS",
    ],
    [
      "in another browser",
      { userAgent: windowsEdge(153) },
      "Microsoft Edge on Windows",
    ],
    ["without a User-Agent header", {}, ""],
  ] as [string, From, string][]
) {
  Deno.test(`watching: a copied token used ${name} is recorded`, async () => {
    const owner = { userAgent: windowsChrome(153) };
    const session = await login(user, owner);
    await refreshFrom(session, [thief]);
    const change = ["Chrome on Windows →", client].filter(Boolean).join(" ");
    assertEquals(await changesOf(session), [change]);
  });
}

for (const [way, url] of Object.entries(WAYS)) {
  Deno.test(`watching: the list of sessions says where each was last seen, ${way}`, async () => {
    const to = new Api(url);
    const person = await newUser();
    const laptop = {
      userAgent: windowsChrome(152),
      ip: "203.0.113.7",
      country: "DE",
    };
    const started = await login(person, laptop, {}, to);
    const address = (ip: string) => url === direct.url ? ip : "127.0.0.1";
    const listed = async (session: Session) => {
      const [info] = expectOk<{ sessions: Record<string, string>[] }>(
        await to.sessions(session),
      ).sessions;
      const { user_agent, ip, last_user_agent, last_ip, client, country } =
        info!;
      return { user_agent, ip, last_user_agent, last_ip, client, country };
    };
    assertEquals(await listed(started), {
      user_agent: windowsChrome(152),
      ip: address("203.0.113.7"),
      last_user_agent: windowsChrome(152),
      last_ip: address("203.0.113.7"),
      client: "Chrome on Windows",
      country: "DE",
    });
    const session = await refreshFrom(started, [{
      userAgent: windowsEdge(153),
      ip: "2001:db8::7",
      country: "AT",
    }], to);
    const seen = {
      user_agent: windowsChrome(152),
      ip: address("203.0.113.7"),
      last_user_agent: windowsEdge(153),
      last_ip: address("2001:db8::7"),
      client: "Microsoft Edge on Windows",
      country: "AT",
    };
    assertEquals(await listed(session), seen);
    const { data } = await supabase(() => session.access_token)
      .schema("latchkey").from("sessions").select(Object.keys(seen).join());
    assertEquals(data as unknown, [seen]);
  });

  Deno.test(`watching: a client that changes between refreshes of fifty tabs is one event, ${way}`, async () => {
    const to = new Api(url);
    const session = await login(
      user,
      { userAgent: windowsChrome(153) },
      {},
      to,
    );
    const answers = await Promise.all(
      Array.from(
        { length: 50 },
        () => refresh(session, { userAgent: "curl/8.14.1" }, to),
      ),
    );
    const successors = new Set(
      answers.map((answer) => expectOk<Session>(answer).refresh_token),
    );
    assertEquals(successors.size, 1);
    assertEquals(await changesOf(session), ["Chrome on Windows → curl"]);
  });
}

Deno.test("watching: another country is recorded where it counts", async () => {
  await withSettings({ client_change: "country" }, async () => {
    const from = (country: string) => ({
      userAgent: windowsChrome(153),
      country,
    });
    const session = await refreshFrom(
      await login(user, from("DE")),
      [from("DE"), from("XX"), from("US")],
    );
    assertEquals(await changesOf(session), [
      "Chrome on Windows DE → Chrome on Windows US",
    ]);
  });
});

Deno.test("watching: step_up lowers the session until a factor is verified, also for fifty tabs", async () => {
  await withSettings({ on_client_change: "step_up" }, async (sql) => {
    const session = await login(user, { userAgent: windowsChrome(153) });
    /** What Supabase Auth does when a factor is verified. */
    const verify = () =>
      sql`update auth.sessions set aal = 'aal2' where id = ${session.session_id}`;
    const thief = { userAgent: "curl/8.14.1" };
    await verify();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => refresh(session, thief)),
    );
    const levels = answers.map((answer) =>
      decodeJwt(expectOk<Session>(answer).access_token).aal
    );
    assertEquals(new Set(levels), new Set(["aal1"]));
    assertEquals(await changesOf(session), ["Chrome on Windows → curl"]);

    let next = expectOk<Session>(answers[0]!);
    next = expectOk(await refresh(next, thief));
    assertEquals(decodeJwt(next.access_token).aal, "aal1");
    await verify();
    next = expectOk(await refresh(next, thief));
    assertEquals(decodeJwt(next.access_token).aal, "aal2");
    assertEquals((await changesOf(session)).length, 1);
  });
});

Deno.test("watching: end ends the session with its reason, once for fifty tabs", async () => {
  await withSettings({ on_client_change: "end" }, async (sql) => {
    const owner = { userAgent: windowsChrome(153) };
    const session = await refreshFrom(
      await login(user, owner),
      [{ userAgent: windowsChrome(154) }],
    );
    const answers = await Promise.all(
      Array.from(
        { length: 50 },
        () => refresh(session, { userAgent: "curl/8.14.1" }),
      ),
    );
    for (const { status, body } of answers) {
      assertEquals([status, body.code, body.reason], [
        400,
        "token_revoked",
        "suspicious",
      ]);
    }
    const events = await sql`
      select event from latchkey.session_events
      where session_id = ${session.session_id} order by created_at, event`;
    assertEquals(events.map(({ event }) => event), [
      "session_created",
      "authn_token_revoked",
      "session_client_changed",
    ]);
    const profile = await api.profile(session);
    assertEquals([profile.status, profile.body.reason], [401, "suspicious"]);
  });
});

/** The events of a user's sign-ins, in their order. */
async function signInsOf({ id }: User): Promise<string[]> {
  return await withDatabase(stack.dbUrl, async (sql) => {
    const rows = await sql`
      select event from latchkey.session_events
      where user_id = ${id} order by created_at, event`;
    return rows.map(({ event }) => event as string);
  });
}

for (const [way, url] of Object.entries(WAYS)) {
  Deno.test(`watching: a sign-in on a new device is an event, ${way}`, async () => {
    const to = new Api(url);
    const person = await newUser();
    const from = { userAgent: windowsChrome(153) };
    const laptop = { device_id: crypto.randomUUID() };
    await login(person, from, laptop, to);
    await login(person, from, laptop, to);
    assertEquals(await signInsOf(person), [
      "session_created",
      "session_created",
    ]);

    // A session of Supabase Auth, on another device.
    const { data } = await supabase().auth.signInWithPassword(person);
    const authorization = {
      Authorization: `Bearer ${data.session!.access_token}`,
    };
    const phone = { device_id: "p".repeat(128) };
    // The second call repeats the first.
    expectOk(await to.post("login", phone, authorization));
    expectOk(await to.post("login", phone, authorization));
    await login(person, from, phone, to);
    assertEquals(await signInsOf(person), [
      ...Array(3).fill("session_created"),
      "new_device",
      "session_created",
    ]);
  });
}

for (
  const [name, device_id] of [
    ["of 129 characters", "x".repeat(129)],
    ["that is a number", 7],
    ["with a control character", "a\u0000b"],
  ] as const
) {
  Deno.test(`watching: a device_id ${name} is refused`, async () => {
    const { status, body } = await api.post("login", {
      email: user.email,
      password: user.password,
      device_id,
    });
    assertEquals([status, body.code], [400, "invalid_request"]);
    assert(body.error_description.includes("device_id"));
  });
}

Deno.test("watching: the database keeps no device id, and no hash that two users share", async () => {
  const device_id = crypto.randomUUID();
  const people = [await newUser(), await newUser()];
  for (const person of people) await login(person, {}, { device_id });
  await withDatabase(stack.dbUrl, async (sql) => {
    const rows = await sql`
      select encode(device_hash, 'hex') as hash, to_jsonb(d)::text as text
      from latchkey.known_devices d
      where user_id = any (${people.map(({ id }) => id)})`;
    assertEquals(new Set(rows.map(({ hash }) => hash)).size, 2);
    for (const { text } of rows) assert(!text.includes(device_id));
  });
});
