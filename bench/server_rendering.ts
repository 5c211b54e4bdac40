/**
 * A page that a server renders with Latchkey, beside the same page with
 * @supabase/ssr: the time to its first byte, its calls of Supabase, and what
 * happens to thirty requests at expiry. Run it by itself:
 *
 * ```sh
 * npx -y deno@2.9.6 run -A bench/server_rendering.ts
 * ```
 *
 * Both apps are tests/apps/supabase-ssr; the one with Latchkey after the changes
 * of docs/moving-from-supabase-ssr.md. They take turns on one stack.
 *
 * @module
 */
import {
  calculateJwkThumbprint,
  decodeJwt,
  exportJWK,
  generateKeyPair,
  importJWK,
  SignJWT,
} from "jose";
import { connect, type Sql } from "../stack/sql.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import { buildApp, nextApp } from "../tests/browser/apps.ts";
import { moveFromSupabaseSsr } from "../tests/browser/nextjs/guide.ts";
import { serverCosts } from "./server_statistics.ts";
import { interleave, percentile } from "./statistics.ts";

const SOURCE = "tests/apps/supabase-ssr";
const WARM_UP = 50;
const ROUNDS = 300;
const AT_EXPIRY = 30;

/** A started app, with a signed-in browser's cookies. */
interface App {
  origin: string;
  callsLog: string;
  cookies: Map<string, string>;
}

/** Makes the access token in the cookies one that is due. */
type Expire = (stack: Stack, cookies: Map<string, string>) => Promise<void>;

const EXPIRE: Record<string, Expire> = {
  async "@supabase/ssr"(_, cookies) {
    const names = [...cookies.keys()].sort();
    const value = names.map((name) => cookies.get(name)).join("");
    const session = JSON.parse(
      new TextDecoder().decode(
        Uint8Array.fromBase64(value.slice("base64-".length), {
          alphabet: "base64url",
        }),
      ),
    );
    session.expires_at -= 24 * 60 * 60;
    const changed = "base64-" +
      new TextEncoder().encode(JSON.stringify(session)).toBase64({
        alphabet: "base64url",
        omitPadding: true,
      });
    for (const [i, name] of names.entries()) {
      const end = i === names.length - 1 ? undefined : (i + 1) * 3180;
      cookies.set(name, changed.slice(i * 3180, end));
    }
    await Promise.resolve();
  },
  async Latchkey({ keys: { signingKey } }, cookies) {
    const name = "__Host-latchkey-session";
    const [refreshToken, ...token] = cookies.get(name)!.split(".");
    const { iat, exp, ...claims } = decodeJwt(token.join("."));
    const ago = 24 * 60 * 60;
    const { key_ops: _, ...privateKey } = signingKey;
    const expired = await new SignJWT({ ...claims, iat: iat! - ago })
      .setExpirationTime(exp! - ago)
      .setProtectedHeader({ alg: "ES256", kid: signingKey.kid!, typ: "JWT" })
      .sign(await importJWK(privateKey, "ES256"));
    cookies.set(name, `${refreshToken}.${expired}`);
  },
};

function cookieHeader(cookies: Map<string, string>): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}

/** Keeps what a response sets, as a browser does. */
function receive(cookies: Map<string, string>, { headers }: Response): void {
  for (const line of headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
    if (value) cookies.set(name!, decodeURIComponent(value));
    else cookies.delete(name!);
  }
}

/** Opens the notes; returns the response with the time to its first byte. */
async function open({ origin, cookies }: App) {
  const startedAt = performance.now();
  const response = await fetch(`${origin}/notes`, {
    headers: { Cookie: cookieHeader(cookies) },
    redirect: "manual",
  });
  let milliseconds = 0;
  let text = "";
  for await (
    const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []
  ) {
    milliseconds ||= performance.now() - startedAt;
    text += chunk;
  }
  const isServed = response.status === 200 && text.includes("Notes of");
  return { response, milliseconds, isServed };
}

async function calls({ callsLog }: App): Promise<string[]> {
  const text = await Deno.readTextFile(callsLog).catch(() => "");
  await Deno.remove(callsLog).catch(() => {});
  return text.split("\n").filter(Boolean);
}

/** Signs in by a link's token, which both apps know. */
async function signIn(app: App, stack: Stack, sql: Sql, email: string) {
  const headers = {
    apikey: stack.publishableKey,
    "Content-Type": "application/json",
  };
  const asked = await fetch(`${stack.apiUrl}/auth/v1/otp`, {
    method: "POST",
    headers,
    body: JSON.stringify({ email, create_user: true }),
  });
  if (!asked.ok) throw new Error(await asked.text());
  const [user] = await sql`
    select coalesce(nullif(recovery_token, ''), confirmation_token) as token
    from auth.users where email = ${email}`;
  const query = new URLSearchParams({
    token_hash: user!.token,
    type: "magiclink",
  });
  const response = await fetch(`${app.origin}/auth/confirm?${query}`, {
    redirect: "manual",
  });
  await response.body?.cancel();
  receive(app.cookies, response);
  if (app.cookies.size === 0) throw new Error("The sign-in failed.");
}

async function main(): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const work = await Deno.makeTempDir({ prefix: "latchkey_bench_" });
  cleanup.defer(() => Deno.remove(work, { recursive: true }));
  await Deno.chmod(work, 0o711);
  // For the built package, as in a test run.
  Deno.env.set("LATCHKEY_TEST_WORK", work);
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const serverKey = await exportJWK(privateKey);
  const thumbprint = await calculateJwkThumbprint(serverKey);
  const stack = await startStack({
    port: 0,
    dbPort: 0,
    data: `${work}/data`,
    functionsEnv: { LATCHKEY_SERVER_THUMBPRINTS: thumbprint },
    onProgress: (message) => console.error(`${message} …`),
    onLog: () => {},
  });
  cleanup.defer(() => stack.stop());
  const sql = connect(stack.superuserUrl);
  cleanup.defer(() => sql.end());
  await sql.unsafe(
    await Deno.readTextFile("examples/nextjs/supabase/notes.sql"),
  );
  await sql`notify pgrst, 'reload schema'`;

  const apps: Record<string, App> = {};
  for (const name of Object.keys(EXPIRE)) {
    console.error(`Building the app with ${name} …`);
    const built = await buildApp(SOURCE, {
      ...nextApp({ ...stack, serverKey: serverKey as JsonWebKey }),
      ...name === "Latchkey" && { prepare: moveFromSupabaseSsr },
    });
    cleanup.defer(() => built.close());
    const callsLog = `${work}/${name.replace("/", "_")}.log`;
    const { port } = await built.start({ callsLog });
    const origin = `http://localhost:${port}`;
    const app = apps[name] = { origin, callsLog, cookies: new Map() };
    await signIn(app, stack, sql, `${crypto.randomUUID()}@example.com`);
  }

  const measures = Object.fromEntries(
    Object.entries(apps).map(([name, app]) => [name, async () => {
      const { isServed, milliseconds } = await open(app);
      if (!isServed) throw new Error(`${name}: the page was not served.`);
      return milliseconds;
    }]),
  );
  await interleave(WARM_UP, measures);
  for (const app of Object.values(apps)) await calls(app);
  const times = await interleave(ROUNDS, measures);

  for (const [name, app] of Object.entries(apps)) {
    const sorted = times[name]!.toSorted((a, b) => a - b);
    const ms = (percent: number) => percentile(sorted, percent).toFixed(1);
    console.log(`\n${name}`);
    console.log(
      `  time to first byte: ${ms(50)} ms, p95 ${ms(95)} ms (n = ${ROUNDS})`,
    );
    console.log(`  calls per navigation: ${summary(await calls(app), ROUNDS)}`);
    const { statements } = await serverCosts(sql, "postgres", async () => {
      for (let i = 0; i < 50; i++) await open(app);
    });
    console.log(`  database statements per navigation: ${statements / 50}`);
    await calls(app);

    await EXPIRE[name]!(stack, app.cookies);
    const answers = await Promise.all(
      Array.from({ length: AT_EXPIRY }, () => open(app)),
    );
    const served = answers.filter(({ isServed }) => isServed).length;
    console.log(`  at expiry, of ${AT_EXPIRY} requests served: ${served}`);
    console.log(`    their calls: ${summary(await calls(app), 1)}`);
    for (const { response } of answers) receive(app.cookies, response);
    const { isServed } = await open(app);
    console.log(`    signed in afterwards: ${isServed ? "yes" : "no"}`);
    await calls(app);
    await EXPIRE[name]!(stack, app.cookies);
    receive(app.cookies, (await open(app)).response);
    console.log(`  one navigation at expiry: ${summary(await calls(app), 1)}`);
  }
}

/** How often each path was called, per navigation. */
function summary(paths: string[], navigations: number): string {
  const counts = Map.groupBy(paths, (path) => path);
  return [...counts]
    .map(([path, { length }]) => `${length / navigations} × ${path}`)
    .join(", ") || "none";
}

if (import.meta.main) await main();
