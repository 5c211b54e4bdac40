/**
 * No session is lost when the database is killed or Supabase Auth is away. These
 * tests start their own stacks, because other tests need theirs to run.
 */
import { assert, assertEquals } from "@std/assert";
import { functionsEnvironment, startFunctions } from "../../stack/functions.ts";
import { readConfig } from "../../stack/config.ts";
import { freePort } from "../../stack/free_port.ts";
import { type Stack, startStack } from "../../stack/stack.ts";
import {
  type Answer,
  Api,
  expectOk,
  type Session,
  until,
  withDatabase,
} from "../harness.ts";
import {
  hashSeed,
  newSeed,
  RefreshTokens,
} from "../../supabase/functions/_latchkey/refresh_token.ts";
import { readEnvironment } from "../../supabase/functions/_latchkey/environment.ts";

const root = new URL("../..", import.meta.url).pathname;
const CLIENTS = 20;
/** The contract's promise. */
const TEN_SECONDS = 10_000;

async function withStack(use: (stack: Stack) => Promise<void>) {
  const work = await Deno.makeTempDir({ prefix: "latchkey_faults_" });
  // As root, the database runs as another user, who passes through here.
  await Deno.chmod(work, 0o711);
  const stack = await startStack({ port: 0, dbPort: 0, data: `${work}/data` });
  try {
    await use(stack);
  } finally {
    await stack.stop();
    await Deno.remove(work, { recursive: true });
  }
}

function environmentOf(stack: Stack, env: Record<string, string> = {}) {
  return {
    ...functionsEnvironment({
      apiUrl: stack.apiUrl,
      databaseUrl: stack.dbUrl,
      keys: stack.keys,
    }),
    ...env,
  };
}

/** A user and sessions, straight from the tables. */
async function sessions(stack: Stack, count: number): Promise<string[]> {
  const variables: Record<string, string> = environmentOf(stack);
  const { refreshTokenKeys, currentRefreshTokenKey } = readEnvironment((name) =>
    variables[name]
  );
  const tokens = new RefreshTokens(refreshTokenKeys, currentRefreshTokenKey);
  return await withDatabase(stack.dbUrl, async (sql) => {
    const userId = crypto.randomUUID();
    await sql`insert into auth.users (id, email) values (${userId}, ${`${userId}@example.com`})`;
    return await Promise.all(Array.from({ length: count }, async () => {
      const sessionId = crypto.randomUUID();
      const seed = newSeed();
      await sql`insert into auth.sessions (id, user_id) values (${sessionId}, ${userId})`;
      await sql`
        select latchkey.login(
          ${sessionId}, ${
        hashSeed(
          seed,
        )
      }::text::bytea, 'aal1', '[]', null, null, null, null)`;
      return tokens.issue({ sessionId, generation: 0, seed });
    }));
  });
}

/** Every answer that is no success must say that a retry helps, and when. */
function assertUnavailable({ status, body, headers }: Answer, code: string) {
  assertEquals([status, body.code], [503, code]);
  assert(Number(headers.get("Retry-After")) > 0);
}

async function withinTenSeconds<T>(work: Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work;
  const milliseconds = performance.now() - start;
  assert(
    milliseconds < TEN_SECONDS,
    `answered after ${Math.round(milliseconds)} ms`,
  );
  return result;
}

async function functionsOf(stack: Stack, env: Record<string, string>) {
  const { functions } = await readConfig(root);
  return await startFunctions({
    projectRoot: root,
    functions,
    env: environmentOf(stack, env),
  });
}

/** A role for the second way, as the README has an owner set it up. */
async function connectionUrl(stack: Stack): Promise<string> {
  await withDatabase(
    stack.dbUrl,
    (sql) => sql.unsafe(`alter role latchkey_functions login password 'test'`),
  );
  const url = new URL(stack.dbUrl);
  url.username = "latchkey_functions";
  url.password = "test";
  return url.href;
}

Deno.test("every client can still refresh after the database is killed under load", async () => {
  await withStack(async (stack) => {
    const direct = await functionsOf(stack, {
      LATCHKEY_DB_URL: await connectionUrl(stack),
    });
    try {
      for (const url of [`${stack.apiUrl}/functions/v1`, direct.url]) {
        const api = new Api(url);
        const held = await sessions(stack, CLIENTS);
        let answered = 0;
        let failed = 0;
        let stopped = false;
        const clients = held.map(async (_, i) => {
          while (!stopped) {
            const answer = await withinTenSeconds(api.refresh(held[i]!));
            if (answer.status === 200) {
              held[i] = answer.body.refresh_token;
              answered++;
            } else {
              assertUnavailable(answer, "database_unavailable");
              failed++;
            }
          }
        });
        const load = Promise.all(clients);
        await until(() => answered > 2 * CLIENTS, "load before the kill");
        await stack.database.kill();
        const failedBefore = failed;
        await until(
          () => failed > failedBefore + CLIENTS,
          "refusals while it is away",
          30_000,
        );
        await stack.database.start();
        const answeredBefore = answered;
        await until(
          () => answered > answeredBefore + 2 * CLIENTS,
          "load after the start",
          60_000,
        );
        stopped = true;
        await load;
        // A client that got an answer holds the new token, the others the old one.
        for (const token of held) expectOk<Session>(await api.refresh(token));
        const [row] = await withDatabase(
          stack.dbUrl,
          (sql) =>
            sql`select count(*)::int as revoked from latchkey.refresh_tokens
              where revoked_at is not null`,
        );
        assertEquals(row!.revoked, 0);
      }
    } finally {
      await direct.close();
    }
  });
});

Deno.test("every endpoint returns 503 with Retry-After while the database is down", async () => {
  await withStack(async (stack) => {
    const direct = await functionsOf(stack, {
      LATCHKEY_DB_URL: await connectionUrl(stack),
    });
    try {
      const [token] = await sessions(stack, 1);
      const api = new Api(direct.url);
      const session = expectOk<Session>(await api.refresh(token!));
      await stack.database.stop();
      for (const url of [`${stack.apiUrl}/functions/v1`, direct.url]) {
        const away = new Api(url);
        const credentials = {
          email: "a@example.com",
          password: "correct horse",
        };
        const answers = await Promise.all([
          away.refresh(session.refresh_token),
          away.profile(session),
          away.revoke(session, { scope: "global" }),
          away.form("revoke", { token: session.refresh_token }),
        ].map(withinTenSeconds));
        for (const answer of answers) {
          assertUnavailable(answer, "database_unavailable");
        }
        assertUnavailable(
          await withinTenSeconds(away.post("login", credentials)),
          "database_unavailable",
        );
      }
      await stack.database.start();
      await until(
        async () => (await api.refresh(session.refresh_token)).status === 200,
        "a refresh after the start",
      );
    } finally {
      await direct.close();
    }
  });
});

for (
  const [silence, listen] of [
    ["refuse connections", () => ({ port: freePort(), close() {} })],
    ["accept connections and never answer", () => {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const open: Deno.Conn[] = [];
      (async () => {
        for await (const connection of listener) open.push(connection);
      })();
      return {
        port: (listener.addr as Deno.NetAddr).port,
        close() {
          listener.close();
          for (const connection of open) connection.close();
        },
      };
    }],
  ] as const
) {
  Deno.test(`every endpoint returns 503 within ten seconds if Auth and the Data API ${silence}`, async () => {
    const { port, close } = listen();
    const { functions } = await readConfig(root);
    const { generateKeys } = await import("../../stack/keys.ts");
    const keys = await generateKeys();
    const variables = (env: Record<string, string>) => ({
      ...functionsEnvironment({
        apiUrl: `http://127.0.0.1:${port}`,
        databaseUrl: "",
        keys,
      }),
      ...env,
    });
    const overApi = await startFunctions({
      projectRoot: root,
      functions,
      env: variables({}),
    });
    const overConnection = await startFunctions({
      projectRoot: root,
      functions,
      env: variables({
        LATCHKEY_DB_URL: `postgres://x:y@127.0.0.1:${port}/postgres`,
      }),
    });
    try {
      const { refreshTokenKeys, currentRefreshTokenKey } = readEnvironment(
        (name) => (variables({}) as Record<string, string>)[name],
      );
      const token = await new RefreshTokens(
        refreshTokenKeys,
        currentRefreshTokenKey,
      ).issue({
        sessionId: crypto.randomUUID(),
        generation: 0,
        seed: newSeed(),
      });
      const credentials = { email: "a@example.com", password: "correct horse" };
      const [login, ...refreshes] = await Promise.all([
        new Api(overApi.url).post("login", credentials),
        new Api(overApi.url).refresh(token),
        new Api(overConnection.url).refresh(token),
      ].map(withinTenSeconds));
      // Without a count no password is tried.
      assertUnavailable(login!, "database_unavailable");
      for (const answer of refreshes) {
        assertUnavailable(answer, "database_unavailable");
      }
    } finally {
      await overApi.close();
      await overConnection.close();
      close();
    }
  });
}
