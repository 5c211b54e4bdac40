/**
 * `supabase.auth` on the client's session, with the real supabase-js. The
 * stack's Auth has no OAuth provider, no second factor and no linking of
 * identities: the tests answer those requests themselves, as Auth would.
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { decodeJwt } from "jose";
import {
  accessTokens,
  api,
  stack,
  supabase as plainSupabase,
  until,
  withDatabase,
} from "../harness.ts";
import { Device, newCredentials } from "./device.ts";

type Answer = (request: Request) => Promise<Response> | Response;

/** A device whose supabase-js uses the client's session. */
class AuthDevice extends Device {
  readonly supabase: SupabaseClient;
  /** Answers of Supabase Auth that the stack does not have, by path. */
  readonly answers = new Map<string, Answer>();

  constructor() {
    super();
    this.supabase = createClient(stack.apiUrl, stack.publishableKey, {
      auth: this.client.authOptions({ deviceName: "Phone" }),
      global: {
        fetch: (input, init) => {
          const request = new Request(input, init);
          const { pathname, search } = new URL(request.url);
          const answer = this.answers.get(pathname + search);
          return answer ? Promise.resolve(answer(request)) : fetch(request);
        },
      },
    });
  }
  get auth() {
    return this.supabase.auth;
  }
  get signedIn() {
    return this.client.snapshot().session!;
  }
}

/** The data of a result without an error. */
function expectData<R extends { data: unknown; error: unknown }>(result: R) {
  if (result.error) throw result.error;
  return result.data as NonNullable<Extract<R, { error: null }>["data"]>;
}

/** A session of Supabase Auth alone. */
async function authSession() {
  const { data, error } = await plainSupabase().auth.signInWithPassword(
    await newCredentials(),
  );
  if (error) throw error;
  return data.session!;
}

async function bearerOf(request: Request): Promise<string> {
  await request.body?.cancel();
  return request.headers.get("Authorization")!.replace("Bearer ", "");
}

Deno.test("supabase.auth acts for the user who is signed in", async () => {
  using device = new AuthDevice();
  const credentials = await newCredentials();
  const session = await device.client.signIn(credentials);

  const { user } = expectData(await device.auth.getUser());
  assertEquals(user!.email, credentials.email);
  const claims = expectData(await device.auth.getClaims());
  assertEquals(claims.claims.session_id, session.session_id);
  assertEquals(
    expectData(await device.auth.getSession()).session!.access_token,
    session.access_token,
  );

  expectData(await device.auth.updateUser({ data: { name: "Ada" } }));
  assertEquals(device.signedIn.user.user_metadata.name, "Ada");
  assertEquals(device.signedIn.session_id, session.session_id);
});

Deno.test("supabase.auth changes the password, which ends the other sessions only", async () => {
  using phone = new AuthDevice();
  using laptop = new AuthDevice();
  const credentials = await newCredentials();
  const { session_id } = await phone.client.signIn(credentials);
  await laptop.client.signIn(credentials);

  expectData(await phone.auth.updateUser({ password: "another battery" }));
  assertEquals(phone.signedIn.session_id, session_id);
  assertEquals(await laptop.client.refresh(), null);
  assertEquals(laptop.client.snapshot().reason, "password_changed");
});

Deno.test("supabase-js reads as the user, and notices the end of the session", async () => {
  using phone = new AuthDevice();
  using laptop = new Device();
  const credentials = await newCredentials();
  const { session_id } = await phone.client.signIn(credentials);
  await laptop.client.signIn(credentials);
  const stop = phone.client.watch(phone.supabase);
  try {
    const rows = expectData(
      await phone.supabase.schema("latchkey").from("sessions")
        .select("session_id").eq("current", true),
    );
    assertEquals(rows, [{ session_id }]);
    await until(
      () => phone.supabase.getChannels()[0]?.state === "joined",
      "the channel to be joined",
    );
    await laptop.client.revoke(session_id);
    await until(
      () => phone.client.snapshot().status === "signed_out",
      "the end of the session",
    );
    assertEquals(expectData(await phone.auth.getSession()).session, null);
  } finally {
    stop();
    await phone.supabase.removeAllChannels();
    phone.supabase.realtime.disconnect();
  }
});

Deno.test("a sign-in by supabase.auth becomes a Latchkey session", async () => {
  using device = new AuthDevice();
  const { session } = expectData(
    await device.auth.signInWithPassword(await newCredentials()),
  );
  const { session_id } = decodeJwt(session!.access_token);
  assertEquals(device.signedIn.session_id, session_id);
  assertNotEquals(device.signedIn.access_token, session!.access_token);
  assertEquals(
    (await device.client.sessions()).map(({ device_name }) => device_name),
    ["Phone"],
  );
  assertEquals((await device.client.refresh())!.session_id, session_id);
  // Auth's own refresh token is void.
  const { error } = await plainSupabase().auth.refreshSession({
    refresh_token: session!.refresh_token,
  });
  assert(error);
});

Deno.test("an OAuth sign-in with PKCE becomes a Latchkey session", async () => {
  using device = new AuthDevice();
  const auth = createClient(stack.apiUrl, stack.publishableKey, {
    auth: { ...device.client.authOptions(), flowType: "pkce" },
    global: {
      fetch: async (input, init) => {
        const request = new Request(input, init);
        if (!request.url.endsWith("/token?grant_type=pkce")) {
          return fetch(request);
        }
        const { code_verifier } = await request.json();
        const digest = await crypto.subtle.digest(
          "SHA-256",
          new TextEncoder().encode(code_verifier),
        );
        assertEquals(
          new Uint8Array(digest).toBase64({
            alphabet: "base64url",
            omitPadding: true,
          }),
          challenge,
        );
        return Response.json(await authSession());
      },
    },
  }).auth;
  const { url } = expectData(
    await auth.signInWithOAuth({
      provider: "github",
      options: { skipBrowserRedirect: true },
    }),
  );
  const challenge = new URL(url!).searchParams.get("code_challenge");
  // The provider redirects back with `?code=`.
  const { session } = expectData(await auth.exchangeCodeForSession("code"));
  assertEquals(
    device.signedIn.session_id,
    decodeJwt(session!.access_token).session_id,
  );
});

Deno.test("a user who forgot the password sets a new one", async () => {
  using device = new AuthDevice();
  const { email } = await newCredentials();
  expectData(await device.auth.resetPasswordForEmail(email));
  const token_hash = await withDatabase(stack.superuserUrl, async (sql) => {
    const [row] = await sql`
      select recovery_token from auth.users where email = ${email}`;
    return row!.recovery_token;
  });
  // The link in the mail carries the token.
  expectData(await device.auth.verifyOtp({ type: "recovery", token_hash }));
  assertEquals(device.signedIn.user.email, email);

  const password = "a new battery";
  expectData(await device.auth.updateUser({ password }));
  using laptop = new Device();
  await laptop.client.signIn({ email, password });
});

Deno.test("a second factor raises the session to aal2", async () => {
  using device = new AuthDevice();
  const { session_id } = await device.client.signIn(await newCredentials());
  const factor = crypto.randomUUID();
  const bearers: string[] = [];
  const { answers } = device;
  answers.set("/auth/v1/factors", async (request) => {
    bearers.push(await bearerOf(request));
    return Response.json({ id: factor, type: "totp", totp: { qr_code: "" } });
  });
  answers.set(`/auth/v1/factors/${factor}/challenge`, async (request) => {
    bearers.push(await bearerOf(request));
    return Response.json({ id: crypto.randomUUID(), expires_at: 0 });
  });
  answers.set(`/auth/v1/factors/${factor}/verify`, async (request) => {
    const token = await bearerOf(request);
    bearers.push(token);
    await withDatabase(
      stack.superuserUrl,
      (sql) =>
        sql`update auth.sessions set aal = 'aal2' where id = ${session_id}`,
    );
    const { iss: _iss, iat: _iat, ...claims } = decodeJwt(token);
    return Response.json({
      access_token: await accessTokens.issue({ ...claims, aal: "aal2" }),
      token_type: "bearer",
      expires_in: 3600,
      refresh_token: "of Supabase Auth",
      user: device.signedIn.user,
    });
  });

  const before = device.signedIn.access_token;
  const { id } = expectData(
    await device.auth.mfa.enroll({ factorType: "totp" }),
  );
  expectData(
    await device.auth.mfa.challengeAndVerify({ factorId: id, code: "123456" }),
  );
  assertEquals(bearers, [before, before, before]);
  assertEquals(device.signedIn.session_id, session_id);
  assertEquals(decodeJwt(device.signedIn.access_token).aal, "aal2");
  const level = expectData(
    await device.auth.mfa.getAuthenticatorAssuranceLevel(),
  );
  assertEquals(level.currentLevel, "aal2");
});

Deno.test("an identity is linked to the user who is signed in", async () => {
  using device = new AuthDevice();
  const { access_token } = await device.client.signIn(await newCredentials());
  let bearer = "";
  const fetch: Answer = async (request) => {
    bearer = await bearerOf(request);
    return Response.json({ url: "https://provider.example" });
  };
  // The path carries the provider and where to return to.
  device.answers.get = () => fetch;
  const { url } = expectData(
    await device.auth.linkIdentity({
      provider: "github",
      options: { skipBrowserRedirect: true },
    }),
  );
  assertEquals([bearer, url], [access_token, "https://provider.example"]);
});

for (const scope of ["local", "global"] as const) {
  Deno.test(`supabase.auth.signOut ends the session, with the scope ${scope}`, async () => {
    using phone = new AuthDevice();
    using laptop = new AuthDevice();
    const credentials = await newCredentials();
    const session = await phone.client.signIn(credentials);
    const other = await laptop.client.signIn(credentials);
    assertEquals((await phone.auth.signOut({ scope })).error, null);
    assertEquals(phone.events.at(-1), { type: "signed_out" });
    assertEquals((await api.profile(session)).status, 401);
    assertEquals(
      (await api.profile(other)).status,
      scope === "local" ? 200 : 401,
    );
  });
}

Deno.test("supabase.auth.refreshSession fails and keeps the session", async () => {
  using device = new AuthDevice();
  await device.client.signIn(await newCredentials());
  const { error } = await device.auth.refreshSession();
  assertEquals(error?.name, "AuthSessionMissingError");
  assertEquals(device.client.snapshot().status, "signed_in");
});

Deno.test("supabase.auth finds out that the session has ended", async () => {
  using device = new AuthDevice();
  const session = await device.client.signIn(await newCredentials());
  await api.revoke(session, { scope: "global" });
  assert((await device.auth.getUser()).error);
  assertEquals(device.client.snapshot().status, "signed_out");
});
