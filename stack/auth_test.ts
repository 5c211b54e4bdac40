import { assertEquals, assertNotEquals } from "@std/assert";
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  jwtVerify,
} from "jose";
import {
  newUser,
  stack,
  supabase,
  supabaseAdmin,
  type User,
  withDatabase,
} from "../tests/harness.ts";

// What this project relies on in Supabase Auth and the embedded one lacks by
// itself. The same holds for a real Auth behind the gateway (--auth-url).

Deno.test("Auth signs access tokens with the key that its JWKS shows", async () => {
  const { access_token } = await signIn(await newUser());
  const response = await fetch(
    `${stack.apiUrl}/auth/v1/.well-known/jwks.json`,
  );
  const jwks = await response.json();

  const { payload } = await jwtVerify(access_token, createLocalJWKSet(jwks), {
    algorithms: ["ES256"],
    issuer: `${stack.apiUrl}/auth/v1`,
    audience: "authenticated",
  });

  assertEquals(decodeProtectedHeader(access_token), {
    alg: "ES256",
    kid: stack.keys.signingKey.kid,
    typ: "JWT",
  });
  assertEquals(jwks.keys.map((key: object) => "d" in key), [false]);
  assertEquals(
    Object.keys(payload).sort(),
    [
      ...["aal", "amr", "app_metadata", "aud", "email", "exp", "iat"],
      ...["is_anonymous", "iss", "phone", "role", "session_id", "sub"],
      "user_metadata",
    ],
  );
  assertEquals(payload.app_metadata, {
    provider: "email",
    providers: ["email"],
  });
});

Deno.test("Auth refuses a token that another key has signed", async () => {
  const { access_token } = await signIn(await newUser());
  const [header, payload] = access_token.split(".");
  const { error } = await supabase().auth.getUser(
    `${header}.${payload}.${"A".repeat(86)}`,
  );
  assertEquals(error?.code, "bad_jwt");
});

Deno.test("a password change ends the user's other sessions and keeps the current one", async () => {
  const user = await newUser();
  const [mine, other] = [supabase(), supabase()];
  await mine.auth.signInWithPassword(user);
  await other.auth.signInWithPassword(user);

  const { error } = await mine.auth.updateUser({ password: "another horse" });

  assertEquals(error, null);
  assertEquals((await mine.auth.getUser()).error, null);
  assertNotEquals((await other.auth.getUser()).error, null);
});

Deno.test("a password change by an administrator ends every session", async () => {
  const user = await newUser();
  const client = supabase();
  await client.auth.signInWithPassword(user);

  const { error } = await supabaseAdmin().auth.admin.updateUserById(user.id, {
    password: "another horse",
  });

  assertEquals(error, null);
  assertNotEquals((await client.auth.getUser()).error, null);
  await signIn({ ...user, password: "another horse" });
});

Deno.test("a banned user cannot sign in until the ban ends", async () => {
  const user = await newUser();
  const ban = (ban_duration: string) =>
    supabaseAdmin().auth.admin.updateUserById(user.id, { ban_duration });

  assertEquals((await ban("1h30m")).error, null);
  const { error } = await supabase().auth.signInWithPassword(user);
  assertEquals([error?.status, error?.code], [400, "user_banned"]);

  assertEquals((await ban("none")).error, null);
  await signIn(user);
});

Deno.test("an administrator creates, finds and deletes users", async () => {
  const { admin } = supabaseAdmin().auth;
  const email = `${crypto.randomUUID()}@example.com`;
  const password = "correct horse";

  const created = await admin.createUser({
    email,
    password,
    email_confirm: true,
    app_metadata: { plan: "pro" },
  });
  assertEquals(created.error, null);
  const { id } = created.data.user!;
  const { access_token } = await signIn({ id, email, password });
  assertEquals(decodeJwt(access_token).app_metadata, {
    provider: "email",
    providers: ["email"],
    plan: "pro",
  });
  assertEquals((await admin.getUserById(id)).data.user?.email, email);
  const again = await admin.createUser({ email, password });
  assertEquals(again.error?.code, "email_exists");

  assertEquals((await admin.deleteUser(id)).error, null);
  assertEquals((await admin.getUserById(id)).error?.code, "user_not_found");
});

Deno.test("a soft-deleted user stays as a row and cannot sign in", async () => {
  const user = await newUser();
  const { error } = await supabaseAdmin().auth.admin.deleteUser(user.id, true);
  assertEquals(error, null);
  const { error: refused } = await supabase().auth.signInWithPassword(user);
  assertEquals(refused?.code, "invalid_credentials");
  const rows = await withDatabase(
    stack.dbUrl,
    (sql) => sql`select from auth.users where id = ${user.id}`,
  );
  assertEquals(rows.length, 1);
});

Deno.test("the admin API is closed to everyone but administrators", async () => {
  const { access_token } = await signIn(await newUser());
  const status = async (headers: Record<string, string>) => {
    const response = await fetch(`${stack.apiUrl}/auth/v1/admin/users`, {
      headers,
    });
    await response.body?.cancel();
    return response.status;
  };
  const { publishableKey, secretKey } = stack;

  assertEquals(await status({}), 401);
  assertEquals(await status({ apikey: publishableKey }), 401);
  assertEquals(
    await status({
      apikey: publishableKey,
      authorization: `Bearer ${access_token}`,
    }),
    403,
  );
  // A user's token beside the secret key counts as the user's.
  assertEquals(
    await status({
      apikey: secretKey,
      authorization: `Bearer ${access_token}`,
    }),
    403,
  );
  assertEquals(await status({ apikey: secretKey }), 200);
});

async function signIn(user: User) {
  const { data, error } = await supabase().auth.signInWithPassword(user);
  if (error) throw error;
  return data.session;
}
