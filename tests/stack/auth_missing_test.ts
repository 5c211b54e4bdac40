/**
 * What Supabase Auth has and the stack's embedded one lacks. With a real Auth
 * behind the gateway (--auth-url) these tests fail.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { bearer, newUser, stack, supabase, supabaseAdmin } from "../harness.ts";

/** Calls Auth as a signed-in user, or with the secret key. */
async function call(
  [method, path, body]: readonly [string, string, unknown?],
  headers: Record<string, string>,
) {
  const response = await fetch(`${stack.apiUrl}/auth/v1${path}`, {
    method,
    redirect: "manual",
    headers: { "Content-Type": "application/json", ...headers },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

async function signedIn(): Promise<Record<string, string>> {
  const { email, password } = await newUser();
  const { data } = await supabase().auth.signInWithPassword({
    email,
    password,
  });
  return { apikey: stack.publishableKey, ...bearer(data.session!) };
}

Deno.test("a part that the embedded Auth lacks answers 501 and names it", async () => {
  const user = await signedIn();
  const id = crypto.randomUUID();
  const phone = "15551234567";
  const cases = [
    [["POST", "/factors", { factor_type: "totp" }], "Multi-factor"],
    [["POST", `/factors/${id}/verify`, { code: "1" }], "Multi-factor"],
    [["POST", "/passkeys/authentication/options", {}], "passkey"],
    [["GET", "/user/identities/authorize?provider=github"], "identities"],
    [["DELETE", `/user/identities/${id}`], "identities"],
    [["GET", "/authorize?provider=github"], "OAuth provider"],
    [["GET", "/callback?code=1"], "OAuth provider"],
    [["POST", "/sso", { domain: "example.com" }], "Single sign-on"],
    [["GET", `/oauth/authorizations/${id}`], "OAuth server"],
    [["GET", "/user/oauth/grants"], "OAuth server"],
    [["POST", "/token?grant_type=id_token", { id_token: "x" }], "ID token"],
    [["POST", "/token?grant_type=web3", { chain: "solana" }], "Web3"],
    [["POST", "/signup", {}], "Anonymous"],
    [["POST", "/signup", { phone, password: "x" }], "phone"],
    [["POST", "/otp", { phone }], "phone"],
    [["POST", "/verify", { phone, token: "1", type: "sms" }], "phone"],
    [["PUT", "/user", { phone }], "phone"],
  ] as const;
  for (const [request, part] of cases) {
    const name = `${request[0]} ${request[1]}`;
    const { status, body } = await call(request, user);
    assertEquals([status, body.error_code], [501, "not_implemented"], name);
    assertMatch(body.msg, new RegExp(`${part}.* does not run in the local`));
  }
  const { error } = await supabase().auth.signInAnonymously();
  assertMatch(error!.message, /^Anonymous sign-in does not run in the local/);
});

Deno.test("a part of Auth's administrator's API that is missing answers 501", async () => {
  const { id } = await newUser();
  const admin = supabaseAdmin().auth.admin;
  const email = `${crypto.randomUUID()}@example.com`;
  for (
    const [call, part] of [
      [
        admin.generateLink({ type: "magiclink", email }),
        "Auth's endpoint /admin/generate_link",
      ],
      [admin.inviteUserByEmail(email), "Inviting users"],
      [admin.mfa.listFactors({ userId: id }), "Multi-factor authentication"],
      [admin.oauth.listClients(), "Auth's OAuth server"],
    ] as const
  ) {
    const { error } = await call;
    assertEquals(error?.status, 501, part);
    assertEquals(error?.message.startsWith(`${part} does not run`), true, part);
  }
  const { error } = await supabase().auth.admin.listUsers();
  assertEquals(error?.status, 401);
});

Deno.test("a path that Auth does not have answers 404, and no page", async () => {
  const user = await signedIn();
  for (const path of ["/nowhere", "/_system", "/users/x"]) {
    const { status } = await call(["GET", path], user);
    assertEquals(status, 404, path);
  }
});

Deno.test("a password with a phone number is refused as where phones are disabled", async () => {
  const body = { phone: "15551234567", password: "correct horse battery" };
  const { status, body: refusal } = await call(
    ["POST", "/token?grant_type=password", body],
    { apikey: stack.publishableKey },
  );
  assertEquals([status, refusal.error_code], [400, "phone_provider_disabled"]);
});
