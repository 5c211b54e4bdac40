/**
 * The trail: who asked for what is in the database for the user to read, and in
 * the functions' log for the operator, and nowhere is there a secret.
 */
import { assert, assertEquals } from "@std/assert";
import { readConfig } from "../../stack/config.ts";
import { functionsEnvironment, startFunctions } from "../../stack/functions.ts";
import {
  Api,
  bearer,
  expectOk,
  newUser,
  type Session,
  stack,
  supabase,
  supabaseAdmin,
  until,
  WAYS,
  withDatabase,
} from "../harness.ts";

/** An event, as its user reads it. */
interface Event {
  session_id: string;
  event: string;
  reason: string | null;
  initiating_entity: string;
  actor_session_id: string | null;
  actor_ip: string | null;
}

/** The user's own events but those of signing in, by their session. */
async function ends(reader: Session): Promise<Map<string, Event>> {
  const { data, error } = await supabase(() => reader.access_token)
    .schema("latchkey").from("session_events").select("*")
    .neq("event", "session_created");
  if (error) throw new Error(error.message);
  return new Map(data.map((event) => [event.session_id, event]));
}

for (const [way, url] of Object.entries(WAYS)) {
  Deno.test(`the trail says who ended each session and from where, ${way}`, async () => {
    const api = new Api(url);
    const [user, other] = await Promise.all([newUser(), newUser()]);
    const [reader, ended, stolen, administered, left] = await Promise.all(
      ["Reader", "Ended", "Stolen", "Administered", "Left"].map((device) =>
        api.login(user, device)
      ),
    ) as [Session, Session, Session, Session, Session];
    const stranger = await api.login(other);
    // At the gateway the address is the peer's, whatever the caller says.
    const from = { "X-Forwarded-For": "198.51.100.7" };
    const ip = url.startsWith(stack.apiUrl) ? "127.0.0.1" : "198.51.100.7";

    expectOk(
      await api.post("revoke", { session_id: ended.session_id }, {
        ...bearer(reader),
        ...from,
      }),
    );
    expectOk(
      await api.post("revoke", { session_id: administered.session_id }, {
        apikey: stack.secretKey,
        ...from,
      }),
    );
    expectOk(
      await api.send("revoke", {
        method: "POST",
        headers: from,
        body: new URLSearchParams({ token: left.refresh_token }),
      }),
    );
    expectOk(await api.refresh(stolen.refresh_token));
    await withDatabase(stack.dbUrl, (sql) =>
      sql`
        update latchkey.refresh_tokens set rotated_at = now() - interval '1 hour'
        where session_id = ${stolen.session_id}`);
    assertEquals(
      (await api.post(
        "refresh",
        { refresh_token: stolen.refresh_token },
        from,
      )).body.code,
      "refresh_token_reused",
    );

    const events = await ends(reader);
    const told = ({ session_id }: Session) => {
      const { event, reason, initiating_entity, actor_session_id, actor_ip } =
        events.get(session_id)!;
      return [event, reason, initiating_entity, actor_session_id, actor_ip];
    };
    assertEquals(told(ended), [
      "authn_token_revoked",
      "user",
      "user",
      reader.session_id,
      ip,
    ]);
    assertEquals(told(administered), [
      "authn_token_revoked",
      "admin",
      "admin",
      null,
      ip,
    ]);
    assertEquals(told(left), [
      "authn_token_revoked",
      "signed_out",
      "user",
      left.session_id,
      ip,
    ]);
    assertEquals(told(stolen), [
      "authn_token_reuse",
      "reuse",
      "policy",
      stolen.session_id,
      ip,
    ]);
    assertEquals(events.size, 4);
    assertEquals((await ends(stranger)).size, 0);
  });
}

Deno.test("there is no way into the trail around its table", async () => {
  const user = await newUser();
  const session = await new Api(WAYS["over the Data API"]).login(user);
  const partitions = await withDatabase(stack.dbUrl, (sql) =>
    sql`
      select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'latchkey.session_events'::regclass`);
  assert(partitions.length >= 5);
  for (const { relname } of partitions) {
    for (
      const client of [supabase(() => session.access_token), supabaseAdmin()]
    ) {
      const { data, error } = await client.schema("latchkey").from(relname)
        .select("*");
      assert(error, `${relname} gave ${JSON.stringify(data)}`);
    }
  }
});

/** Functions whose log can be read. */
async function loggedFunctions() {
  const root = new URL("../..", import.meta.url).pathname;
  const lines: string[] = [];
  const { url, close } = await startFunctions({
    functions: (await readConfig(root)).functions,
    projectRoot: root,
    env: functionsEnvironment({
      apiUrl: stack.apiUrl,
      databaseUrl: stack.dbUrl,
      keys: stack.keys,
    }),
    onLog: (line) => lines.push(line),
  });
  return { url, lines, close };
}

Deno.test("the log has one line per request that says whose it was, and no secret", async () => {
  const functions = await loggedFunctions();
  const answers: { id: string; expected: Record<string, unknown> }[] = [];
  const secrets: string[] = [stack.secretKey];
  try {
    const api = new Api(functions.url);
    const user = await newUser();
    secrets.push(user.email, user.password);
    const credentials = { email: user.email, password: user.password };
    const session: Session = expectOk(await api.post("login", credentials));
    const other: Session = expectOk(await api.post("login", credentials));
    const whose = { session_id: session.session_id, user_id: user.id };
    secrets.push(
      ...[session, other].flatMap((s) => [s.access_token, s.refresh_token]),
    );
    const json = { "Content-Type": "application/json" };
    const post = (body: unknown, headers = {}): RequestInit => ({
      method: "POST",
      headers: { ...json, ...headers },
      body: JSON.stringify(body),
    });
    const form = (token: string): RequestInit => ({
      method: "POST",
      body: new URLSearchParams({ token }),
    });
    const secret = { apikey: stack.secretKey };
    const requests: [string, RequestInit, Record<string, unknown>][] = [
      ["login", post(credentials), { outcome: "ok", user_id: user.id }],
      ["login", post({ ...credentials, password: "hush-hush" }), {
        outcome: "invalid_credentials",
        status: 400,
      }],
      ["login", post({ ...credentials, [session.refresh_token]: 1 }), {
        outcome: "invalid_request",
      }],
      ["profile", { headers: bearer(session) }, { outcome: "ok", ...whose }],
      ["sessions", { headers: bearer(session) }, { outcome: "ok", ...whose }],
      [
        `sessions?access_token=${session.access_token}`,
        { headers: bearer(session) },
        { outcome: "invalid_request" },
      ],
      [
        "profile",
        {
          headers: {
            ...bearer(session),
            "X-Request-Id": session.access_token,
            "X-Forwarded-For": session.refresh_token,
            "User-Agent": session.refresh_token,
          },
        },
        { outcome: "ok", ...whose, ip: undefined },
      ],
      ["profile", { headers: { Authorization: "Bearer hush-hush" } }, {
        outcome: "invalid_token",
        status: 401,
      }],
      ["refresh", post({ refresh_token: session.refresh_token }), {
        outcome: "ok",
        session_id: session.session_id,
      }],
      ["refresh", post({ refresh_token: session.access_token }), {
        outcome: "invalid_refresh_token",
      }],
      ["revoke", post({ session_id: other.session_id }, bearer(session)), {
        outcome: "ok",
        ...whose,
      }],
      [
        "refresh",
        post({ refresh_token: other.refresh_token }, {
          "X-Forwarded-For": "198.51.100.7",
        }),
        {
          outcome: "token_revoked",
          session_id: other.session_id,
          ip: "198.51.100.7",
        },
      ],
      ["revoke", post({ user_id: user.id }, secret), {
        outcome: "ok",
        user_id: user.id,
      }],
      ["revoke", form(session.refresh_token), {
        outcome: "ok",
        session_id: session.session_id,
      }],
      ["revoke", form(session.access_token), { outcome: "ok", ...whose }],
      ["revoke", form(user.password), { outcome: "ok" }],
      ["deliver", post({}, secret), { outcome: "ok" }],
      ["deliver", post({}, bearer(session)), { outcome: "forbidden" }],
    ];
    for (const [path, init, expected] of requests) {
      const answer = await api.send(path, init);
      if (answer.body.refresh_token) {
        secrets.push(answer.body.refresh_token, answer.body.access_token);
      }
      answers.push({
        id: answer.headers.get("X-Request-Id")!,
        expected: {
          endpoint: path.split("?")[0],
          status: answer.status,
          ...expected,
        },
      });
    }
    const last = answers.at(-1)!.id;
    await until(
      () => functions.lines.some((line) => line.includes(last)),
      "the last line",
    );
  } finally {
    await functions.close();
  }

  for (const { id, expected } of answers) {
    const own = functions.lines.filter((line) => line.includes(id));
    assertEquals(own.length, 1, id);
    const line = JSON.parse(own[0]!.slice(own[0]!.indexOf("{")));
    for (const [name, value] of Object.entries(expected)) {
      assertEquals(line[name], value, `${name} in ${own[0]}`);
    }
    assertEquals(typeof line.milliseconds, "number");
  }
  const log = functions.lines.join("\n");
  for (const text of [...secrets, "hush-hush", "lkr_", "eyJ", "@example"]) {
    assert(!log.includes(text), `The log has a secret in it`);
  }
});
