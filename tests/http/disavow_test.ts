/** "It wasn't me": a disavow token ends the session that it names, once. */
import { assertEquals } from "@std/assert";
import {
  fromBase64Url,
  toBase64Url,
} from "../../supabase/functions/_latchkey/bytes.ts";
import { DisavowTokens } from "../../supabase/functions/_latchkey/disavow_token.ts";
import { parseKeyRing } from "../../supabase/functions/_latchkey/environment.ts";
import {
  Api,
  api,
  bearer,
  countStatements,
  expectOk,
  newUser,
  type Session,
  stack,
  WAYS,
  withDatabase,
} from "../harness.ts";

const ring = parseKeyRing(stack.keys.refreshTokenKeys);
const tokens = new DisavowTokens(ring, ring.keys().next().value!);
const now = () => Date.now() / 1000;
const DAY = 24 * 60 * 60;

const user = await newUser();
const token = (
  { session_id }: Pick<Session, "session_id">,
  createdAt = now(),
) => tokens.issue(session_id, createdAt);

/** The codes of an answer that must not be 200. */
const refused = ({ status, body }: Awaited<ReturnType<Api["post"]>>) => [
  status,
  body.error,
  body.code,
];
const INVALID = [400, "invalid_grant", "invalid_disavow_token"];

const stateOf = async (session: Session) => {
  const { status, body } = await api.profile(session);
  return status === 200 ? "active" : body.reason;
};

for (const [way, url] of Object.entries(WAYS)) {
  const api = new Api(url);

  Deno.test(`disavow: a token ends its session, and works once, ${way}`, async () => {
    const [mine, theirs] = [await api.login(user), await api.login(user)];
    const answer = await api.post("revoke", { token: token(theirs) });
    assertEquals(expectOk(answer), { revoked: 1 });
    assertEquals(await stateOf(theirs), "suspicious");
    assertEquals(await stateOf(mine), "active");
    assertEquals(
      refused(await api.refresh(theirs.refresh_token)),
      [400, "invalid_grant", "token_revoked"],
    );
    for (const scope of ["local", "global"]) {
      assertEquals(
        refused(await api.post("revoke", { token: token(theirs), scope })),
        INVALID,
      );
    }
    assertEquals(await stateOf(mine), "active");
  });

  Deno.test(`disavow: with scope global, all sessions end, ${way}`, async () => {
    const person = await newUser();
    const [mine, theirs] = [await api.login(person), await api.login(person)];
    // Signing up began a third one, which only Supabase Auth knows.
    const answer = await api.post("revoke", {
      token: token(theirs),
      scope: "global",
    });
    assertEquals(expectOk(answer), { revoked: 3 });
    assertEquals(await stateOf(theirs), "suspicious");
    assertEquals(await stateOf(mine), "user");
  });

  Deno.test(`disavow: of two uses at the same time one succeeds, ${way}`, async () => {
    const theirs = await api.login(user);
    const answers = await Promise.all(
      Array.from(
        { length: 10 },
        () => api.post("revoke", { token: token(theirs) }),
      ),
    );
    assertEquals(answers.map(({ status }) => status).sort(), [
      200,
      ...Array(9).fill(400),
    ]);
  });

  Deno.test(`disavow: as a form, the answer is that of RFC 7009, ${way}`, async () => {
    const [mine, theirs] = [await api.login(user), await api.login(user)];
    for (const form of [token(theirs), token(theirs), "lkw_x"]) {
      const { status, body } = await api.form("revoke", { token: form });
      assertEquals([status, body], [200, ""]);
    }
    assertEquals(await stateOf(theirs), "suspicious");
    assertEquals(await stateOf(mine), "active");
    await api.form("revoke", { token: token(mine), scope: "global" });
    assertEquals(await stateOf(mine), "suspicious");
  });
}

Deno.test("disavow: a token works after its session has ended, once", async () => {
  const person = await newUser();
  const [mine, theirs] = [await api.login(person), await api.login(person)];
  expectOk(await api.revoke(theirs, { scope: "local" }));
  const use = () =>
    api.post("revoke", { token: token(theirs), scope: "global" });
  assertEquals(expectOk(await use()), { revoked: 2 });
  assertEquals(await stateOf(mine), "user");
  assertEquals(await stateOf(theirs), "signed_out");
  assertEquals(refused(await use()), INVALID);
});

Deno.test("disavow: a sign-in on the same device is noticed again", async () => {
  const { email, password, id } = await newUser();
  const signIn = async (device_id: string) =>
    expectOk<Session>(
      await api.post("login", { email, password, device_id }),
    );
  await signIn("laptop");
  const theirs = await signIn("thief");
  await api.post("revoke", { token: token(theirs) });
  await signIn("thief");
  await withDatabase(stack.dbUrl, async (sql) => {
    const [row] = await sql`
      select count(*)::integer as alarms from latchkey.session_events
      where user_id = ${id} and event = 'new_device'`;
    assertEquals(row!.alarms, 2);
  });
});

Deno.test("disavow: a forged, foreign or expired token ends nothing, without a statement", async () => {
  const session = await api.login(user);
  const bytes = fromBase64Url(token(session).slice(4))!;
  bytes[53]! ^= 1;
  const [keyId] = ring.keys();
  const foreign = new DisavowTokens(new Map([[keyId!, bytes]]), keyId!);
  await withDatabase(stack.superuserUrl, async (sql) => {
    const before = await countStatements(sql);
    for (
      const text of [
        "lkw_" + toBase64Url(bytes),
        foreign.issue(session.session_id, now()),
        token(session, now() - 7 * DAY - 60),
        "lkw_",
        "lkw_é",
        session.refresh_token,
        session.access_token,
        "",
      ]
    ) {
      assertEquals(refused(await api.post("revoke", { token: text })), INVALID);
    }
    assertEquals(await countStatements(sql), before);
  });
  assertEquals(await stateOf(session), "active");
  expectOk(
    await api.post("revoke", { token: token(session, now() - 7 * DAY + 60) }),
  );
});

Deno.test("disavow: a token of a session that does not exist is refused", async () => {
  const session_id = crypto.randomUUID();
  assertEquals(
    refused(await api.post("revoke", { token: token({ session_id }) })),
    INVALID,
  );
});

Deno.test("disavow: a GET changes nothing, and a token in a URL is refused", async () => {
  const session = await api.login(user);
  const query = `revoke?t=${token(session)}`;
  assertEquals((await api.send(query)).status, 405);
  const answer = await api.post(query, { token: token(session) });
  assertEquals([answer.status, answer.body.code], [400, "invalid_request"]);
  assertEquals(await stateOf(session), "active");
});

Deno.test("disavow: bad requests are refused and end nothing", async () => {
  const session = await api.login(user);
  const disavow = { token: token(session) };
  for (
    const answer of [
      await api.post("revoke", { ...disavow, scope: "others" }),
      await api.post("revoke", { ...disavow, scope: 1 }),
      await api.post("revoke", { ...disavow, session_id: session.session_id }),
      await api.post("revoke", { token: [disavow.token] }),
      await api.post("revoke", disavow, bearer(session)),
      await api.form("revoke", { ...disavow, scope: "others" }),
    ]
  ) {
    assertEquals([answer.status, answer.body.code], [400, "invalid_request"]);
  }
  assertEquals(await stateOf(session), "active");
});
