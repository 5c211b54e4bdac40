/**
 * Shared by the functions' unit tests: an environment, and a database that
 * records the calls.
 *
 * @module
 */
import { exportJWK, generateKeyPair } from "jose";
import { type Context, makeContext } from "./context.ts";
import type { Database } from "./database.ts";
import { readEnvironment } from "./environment.ts";
import { Refusal } from "./outcomes.ts";

/** A complete set of variables with new keys. */
export async function testVariables(): Promise<Record<string, string>> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const signingKey = {
    ...await exportJWK(privateKey),
    alg: "ES256",
    kid: "test",
  };
  const key = () =>
    btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(33))))
      .replaceAll("+", "-").replaceAll("/", "_");
  return {
    // Nothing listens there.
    SUPABASE_URL: "http://127.0.0.1:1/",
    SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_test"}',
    SUPABASE_SECRET_KEYS: '{"default":"sb_secret_test"}',
    LATCHKEY_SIGNING_KEY: JSON.stringify(signingKey),
    LATCHKEY_REFRESH_TOKEN_KEYS: `2:${key()},1:${key()}`,
  };
}

/** A context whose database records the calls and answers with `answer`. */
export async function testContext(
  answer: (name: string, args: unknown) => unknown = () => {
    throw new Error("The database was called");
  },
): Promise<Context & { calls: string[] }> {
  const variables = await testVariables();
  const calls: string[] = [];
  const database: Database = {
    call(name, args) {
      calls.push(name);
      return Promise.resolve(answer(name, args)) as never;
    },
  };
  return {
    ...makeContext(readEnvironment((name) => variables[name])),
    database,
    calls,
  };
}

/** Imports an endpoint in a complete environment. */
export async function importFunction(
  name: string,
): Promise<{ fetch(request: Request): Promise<Response> }> {
  for (const [variable, value] of Object.entries(await testVariables())) {
    if (!Deno.env.has(variable)) Deno.env.set(variable, value);
  }
  return (await import(`../${name}/index.ts`)).default;
}

/** Narrows an outcome that must not be a refusal. */
export function accepted<T>(outcome: T): Exclude<T, Refusal | Response> {
  if (outcome instanceof Refusal) throw new Error(`Refused: ${outcome.code}`);
  if (outcome instanceof Response) {
    throw new Error(`Refused: ${outcome.status}`);
  }
  return outcome as Exclude<T, Refusal | Response>;
}
