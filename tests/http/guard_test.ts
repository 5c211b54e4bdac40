/**
 * The guard of an app's own function, as in the example, and the recent sign-in
 * that ending other sessions can require.
 */
import { assert, assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import account from "../../examples/functions/account/index.ts";
import {
  accessTokens,
  Api,
  bearer,
  expectOk,
  newUser,
  type Session,
  stack,
  supabase,
  WAYS,
  withSettings,
} from "../harness.ts";

/** Runs with only the variables that the platform gives every function. */
async function asFunction<T>(use: () => Promise<T>): Promise<T> {
  const kept = Object.entries(Deno.env.toObject()).filter(([name]) =>
    /^(SUPABASE|LATCHKEY)_/.test(name)
  );
  for (const [name] of kept) Deno.env.delete(name);
  Deno.env.set("SUPABASE_URL", stack.apiUrl);
  Deno.env.set("SUPABASE_SECRET_KEYS", `{"default":"${stack.secretKey}"}`);
  try {
    return await use();
  } finally {
    Deno.env.delete("SUPABASE_URL");
    Deno.env.delete("SUPABASE_SECRET_KEYS");
    for (const [name, value] of kept) Deno.env.set(name, value);
  }
}

async function call(
  method: string,
  session?: Pick<Session, "access_token">,
) {
  const response = await account.fetch(
    new Request("http://x/account", {
      method,
      headers: { Origin: "http://y", ...(session && bearer(session)) },
    }),
  );
  assertEquals(response.headers.get("Access-Control-Allow-Origin"), "*");
  return { status: response.status, body: await response.json(), response };
}

/** The same session with another sign-in time or assurance level. */
async function withClaims(session: Session, claims: Record<string, unknown>) {
  return {
    access_token: await accessTokens.issue({
      ...decodeJwt(session.access_token),
      ...claims,
    }),
  };
}

const provedAt = (secondsAgo: number) => ({
  amr: [{
    method: "password",
    timestamp: Math.floor(Date.now() / 1000) - secondsAgo,
  }],
});

Deno.test("guard: a function of an app, with Hono, needs only the platform's variables", async () => {
  await asFunction(async () => {
    const api = new Api(WAYS["over the Data API"]);
    const user = await newUser();
    const session = await api.login(user);

    const good = await call("GET", session);
    assertEquals(good.body, {
      user_id: user.id,
      session_id: session.session_id,
    });
    const anonymous = await call("GET");
    assertEquals([anonymous.status, anonymous.body.code], [
      401,
      "missing_token",
    ]);

    const weak = await call("DELETE", session);
    assertEquals([weak.status, weak.body.code], [403, "insufficient_aal"]);
    const strong = { aal: "aal2", ...provedAt(301) };
    const late = await call("DELETE", await withClaims(session, strong));
    assertEquals([late.status, late.body.code], [
      401,
      "reauthentication_required",
    ]);
    assert(
      late.response.headers.get("WWW-Authenticate")!.endsWith('max_age="300"'),
    );
    const fresh = { aal: "aal2", ...provedAt(0) };
    const token = await withClaims(session, fresh);
    assertEquals((await call("DELETE", token)).body, { closed: user.id });

    expectOk(await api.revoke(session, { scope: "local" }));
    for (const ended of [token, session]) {
      const { status, body } = await call("GET", ended);
      assertEquals([status, body.code, body.reason], [
        401,
        "token_revoked",
        "signed_out",
      ]);
    }
  });
});

for (const [way, url] of Object.entries(WAYS)) {
  Deno.test(`guard: revoke_max_age requires a recent sign-in to end other sessions, ${way}`, async () => {
    const api = new Api(url);
    const user = await newUser();
    const stranger = await api.login(await newUser());
    const [session, other] = [await api.login(user), await api.login(user)];
    const late = await withClaims(session, provedAt(61));

    // All tests share the setting. It does not affect users who just signed in.
    await withSettings({ revoke_max_age: "1 minute" }, async () => {
      for (
        const body of [
          { session_id: other.session_id },
          { session_id: stranger.session_id },
          { session_id: crypto.randomUUID() },
          { scope: "others" },
          { scope: "global" },
        ]
      ) {
        const { status, body: { code }, headers } = await api.revoke(
          late,
          body,
        );
        assertEquals([status, code], [401, "reauthentication_required"]);
        assert(headers.get("WWW-Authenticate")!.endsWith('max_age="60"'));
      }
      const { status, error } = await supabase(() => late.access_token)
        .schema("latchkey")
        .rpc("revoke_session", { session_id: other.session_id });
      assertEquals([status, error?.code], [401, "reauthentication_required"]);
      expectOk(await api.profile(other));

      const { session_id } = other;
      const revoked = await api.revoke(session, { session_id });
      assertEquals(expectOk(revoked), { revoked: 1 });
      const own = { session_id: session.session_id.toUpperCase() };
      assertEquals(expectOk(await api.revoke(late, own)), { revoked: 1 });

      const another = await api.login(user);
      const old = await withClaims(another, provedAt(999_999));
      const signOut = await api.revoke(old, { scope: "local" });
      assertEquals(expectOk(signOut), { revoked: 1 });
    });
    const one = await api.login(user);
    const two = await withClaims(await api.login(user), provedAt(999_999));
    const ended = await api.revoke(two, { session_id: one.session_id });
    assertEquals(expectOk(ended), { revoked: 1 });
  });
}
