/**
 * Guessing passwords: parallel connections get no more guesses than the counters
 * allow, no answer tells which accounts exist, and the right password signs in.
 * The tests move the clocks in the table instead of waiting.
 */
import { assert, assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import type { Sql } from "../../stack/sql.ts";
import { readConfig } from "../../stack/config.ts";
import {
  type Functions,
  functionsEnvironment,
  startFunctions,
} from "../../stack/functions.ts";
import {
  type Answer,
  Api,
  expectOk,
  newUser,
  patiently,
  stack,
  until,
  WAYS,
  withDatabase,
} from "../harness.ts";

const root = new URL("../..", import.meta.url).pathname;
const PARALLEL = 100;
/** The defaults of latchkey.settings. */
const FREE = 5;
const FREE_PER_ADDRESS = 50;
const LONGEST_SECONDS = 900;

/** A proxy before the stack's gateway, which records requests to Supabase Auth. */
class AuthWitness {
  readonly seen: { account: string; headers: Headers }[] = [];
  /** Answers instead of Supabase Auth's, by email address. */
  readonly instead = new Map<string, () => Response>();
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => this.#pass(request),
  );
  readonly url = `http://127.0.0.1:${this.#server.addr.port}`;

  /** How often a password of this account was tried. */
  tries(email: string): number {
    return this.seen.filter(({ account }) => account === email).length;
  }

  close(): Promise<void> {
    return this.#server.shutdown();
  }

  async #pass(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const body = await request.text();
    if (pathname === "/auth/v1/token") {
      const { email } = JSON.parse(body);
      this.seen.push({ account: email, headers: request.headers });
      const answer = this.instead.get(email);
      if (answer) return answer();
    }
    const headers = new Headers(request.headers);
    for (const name of ["host", "connection", "accept-encoding"]) {
      headers.delete(name);
    }
    const response = await fetch(stack.apiUrl + pathname + search, {
      method: request.method,
      headers,
      body: body || null,
    });
    return new Response(response.body && await response.text(), {
      status: response.status,
      headers: { "Content-Type": "application/json" },
    });
  }
}

/** A role that may do what latchkey_functions may, for the length of a test. */
async function withConnectionRole<T>(
  sql: Sql,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const role = `guessing_${crypto.randomUUID().replaceAll("-", "")}`;
  await sql.unsafe(
    `create role ${role} login password '${role}' in role latchkey_functions`,
  );
  try {
    const url = new URL(stack.dbUrl);
    url.username = url.password = role;
    return await use(url.href);
  } finally {
    await sql.unsafe(`drop role ${role}`);
  }
}

const HEADER = "X-Test-Client";

async function start(
  witness: AuthWitness,
  env: Record<string, string>,
): Promise<Functions> {
  const { functions } = await readConfig(root);
  return await startFunctions({
    projectRoot: root,
    functions,
    env: {
      ...functionsEnvironment({
        apiUrl: witness.url,
        databaseUrl: stack.dbUrl,
        keys: stack.keys,
      }),
      LATCHKEY_CLIENT_ADDRESS_HEADER: HEADER,
      LATCHKEY_FORWARD_CLIENT_ADDRESS: "true",
      ...env,
    },
  });
}

/** An address in a network that no other test knows. */
function newAddress(): string {
  const [a, b] = crypto.getRandomValues(new Uint16Array(2));
  return `2001:db8:${a!.toString(16)}:${b!.toString(16)}::1`;
}

const newEmail = () => `${crypto.randomUUID()}@example.com`;

interface Guess {
  email: string;
  password?: string;
  address?: string | null;
}

const guess = (
  api: Api,
  { email, password = "wrong horse", address = newAddress() }: Guess,
) =>
  api.post(
    "login",
    { email, password },
    address === null ? {} : { [HEADER]: address },
  );

/** As if so many attempts had failed; the last wait is over. */
async function failBefore(
  sql: Sql,
  kind: "account" | "address",
  identifier: string,
  failures: number,
) {
  await sql`
    insert into latchkey.login_attempts (kind, key_hash, failures)
    values (${kind}, latchkey.attempt_key(${kind}, ${identifier}), ${failures})`;
}

async function failures(
  sql: Sql,
  kind: "account" | "address",
  identifier: string,
): Promise<number | undefined> {
  const [row] = await sql`
    select failures from latchkey.login_attempts
    where key_hash = latchkey.attempt_key(${kind}, ${identifier})`;
  return row?.failures;
}

function assertMustWait({ status, body, headers }: Answer): number {
  assertEquals([status, body.error, body.code], [
    429,
    "too_many_requests",
    "too_many_requests",
  ]);
  const seconds = Number(headers.get("Retry-After"));
  assert(
    Number.isInteger(seconds) && seconds > 0 && seconds <= LONGEST_SECONDS,
  );
  return seconds;
}

const isWrong = ({ status, body }: Answer) =>
  status === 400 && body.code === "invalid_credentials";

async function timed<T>(work: Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await work, performance.now() - start];
}

/** How likely one of the first takes longer than one of the second. */
function rankShare(first: number[], second: number[]): number {
  const wins = first.flatMap((a) =>
    second.map((b) => a > b ? 1 : a < b ? 0 : 0.5)
  );
  return wins.reduce((sum: number, win) => sum + win, 0) / wins.length;
}

async function testGuessing(
  test: Deno.TestContext,
  api: Api,
  witness: AuthWitness,
  sql: Sql,
) {
  await test.step("of 100 parallel guesses at a fresh account the free ones reach Auth", async () => {
    const { email } = await newUser();
    const [answers, milliseconds] = await timed(
      Promise.all(
        Array.from(
          { length: PARALLEL },
          () => patiently(() => guess(api, { email })),
        ),
      ),
    );
    const tried = witness.tries(email);
    // A machine slow enough lets the first waits, 1, 2, 4 … s, pass meanwhile.
    const waited = Math.floor(Math.log2(milliseconds / 1000 + 1));
    assert(tried >= FREE && tried <= FREE + waited, `${tried} were tried`);
    assertEquals(answers.filter(isWrong).length, tried);
    answers.filter((answer) => !isWrong(answer)).forEach(assertMustWait);
    assertEquals(await failures(sql, "account", email), tried);
  });

  await test.step("of 100 parallel guesses after a wait one reaches Auth", async () => {
    const email = newEmail();
    await failBefore(sql, "account", email, FREE + 15);
    // Held until several have looked at the counter and wait for it.
    const guesses = await sql.begin(async (holder) => {
      await holder`
        select from latchkey.login_attempts
        where key_hash = latchkey.attempt_key('account', ${email}) for update`;
      const guesses = Array.from(
        { length: PARALLEL },
        () => patiently(() => guess(api, { email })),
      );
      await until(async () => {
        const [row] = await sql`
          select count(*)::int as waiting from pg_locks where not granted`;
        return row!.waiting > 1;
      }, "guesses that wait for the counter");
      return guesses.map((answer) => ({ answer }));
    });
    const answers = await Promise.all(guesses.map(({ answer }) => answer));
    assertEquals(witness.tries(email), 1);
    assertEquals(answers.filter(isWrong).length, 1);
    answers.filter((answer) => !isWrong(answer)).forEach(assertMustWait);
  });

  await test.step("of 100 parallel guesses from one address the free ones reach Auth", async () => {
    const address = newAddress();
    await failBefore(sql, "address", address, FREE_PER_ADDRESS + 15);
    const emails = Array.from({ length: PARALLEL }, newEmail);
    const answers = await Promise.all(
      emails.map((email) => patiently(() => guess(api, { email, address }))),
    );
    assertEquals(emails.filter((email) => witness.tries(email)).length, 1);
    answers.filter((answer) => !isWrong(answer)).forEach(assertMustWait);
    // The same from the next address in the network, and not from elsewhere.
    const { email, password } = await newUser();
    const neighbour = address.replace(/1$/, "2");
    assertMustWait(await guess(api, { email, password, address: neighbour }));
    expectOk(await guess(api, { email, password }));
  });

  await test.step("addresses that cannot be read share one counter", async () => {
    const unreadable = ["unknown", "203.0.113.256", "fe80::1%eth0"];
    await sql`
      delete from latchkey.login_attempts
      where key_hash = latchkey.attempt_key('address', '0.0.0.0')`;
    for (const address of unreadable) {
      assert(isWrong(await guess(api, { email: newEmail(), address })));
    }
    assertEquals(
      await failures(sql, "address", "0.0.0.0"),
      unreadable.length,
    );
    // A port or brackets are not part of the address.
    const address = newAddress();
    for (const written of [address, `[${address}]`, `[${address}]:4711`]) {
      const guessed = { email: newEmail(), address: written };
      assert(isWrong(await guess(api, guessed)));
    }
    assertEquals(await failures(sql, "address", address), 3);
  });

  await test.step("the right password waits too, then signs in and clears the count", async () => {
    const { email, password } = await newUser();
    await failBefore(sql, "account", email, FREE + 15);
    assert(isWrong(await guess(api, { email })));

    const seconds = assertMustWait(await guess(api, { email, password }));
    assert(seconds > LONGEST_SECONDS - 30, `${seconds} s`);
    assertMustWait(await guess(api, { email: email.toUpperCase(), password }));
    assertEquals(witness.tries(email), 1, "Auth was not asked meanwhile");

    await sql`
      update latchkey.login_attempts
      set blocked_until = blocked_until - make_interval(secs => ${seconds})
      where key_hash = latchkey.attempt_key('account', ${email})`;
    expectOk(await guess(api, { email, password }));
    assertEquals(await failures(sql, "account", email), undefined);
    assert(isWrong(await guess(api, { email })), "the count starts again");
  });

  await test.step("an account waits at every address", async () => {
    const email = newEmail();
    await failBefore(sql, "account", email, FREE + 15);
    assert(isWrong(await guess(api, { email })));
    for (
      const answer of await Promise.all(
        [newAddress(), "192.0.2.77", null].map((address) =>
          guess(api, { email, address })
        ),
      )
    ) assertMustWait(answer);
    assertEquals(witness.tries(email), 1);
  });

  await test.step("a success at an address gives back that attempt and no other", async () => {
    const address = newAddress();
    await failBefore(sql, "address", address, 40);
    const { email, password } = await newUser();
    expectOk(await guess(api, { email, password, address }));
    assertEquals(await failures(sql, "address", address), 40);
    assert(isWrong(await guess(api, { email, address })));
    assertEquals(await failures(sql, "address", address), 41);
  });

  await test.step("several devices sign in at once", async () => {
    const user = await newUser();
    const answers = await Promise.all(
      Array.from(
        { length: FREE - 1 },
        () => patiently(() => guess(api, user)),
      ),
    );
    answers.forEach(expectOk);
  });

  await test.step("unknown accounts get the same answers as known ones", async () => {
    const known = (await Promise.all(Array.from({ length: 6 }, newUser)))
      .map(({ email }) => email);
    const unknown = Array.from({ length: 6 }, newEmail);
    // Checking a password takes as long as on a hosted project.
    await sql`
      update auth.users
      set encrypted_password = extensions.crypt('x', extensions.gen_salt('bf', 10))
      where email = any(${known})`;
    const lasting = (
      [{ status, body, headers }, milliseconds]: [Answer, number],
    ) => ({
      // The seconds run while the round does.
      said: { status, body, mustWait: headers.has("Retry-After") },
      milliseconds,
    });
    const round = async () => {
      const ask = async (email: string) =>
        lasting(await timed(patiently(() => guess(api, { email }))));
      const all = await Promise.all(
        known.flatMap((email, i) => [ask(email), ask(unknown[i]!)]),
      );
      const ofKnown = all.filter((_, i) => i % 2 === 0);
      const ofUnknown = all.filter((_, i) => i % 2 === 1);
      assertEquals(
        ofKnown.map(({ said }) => said),
        ofUnknown.map(({ said }) => said),
      );
      return {
        said: ofKnown[0]!.said,
        fastest: Math.min(...all.map(({ milliseconds }) => milliseconds)),
        share: rankShare(
          ofKnown.map(({ milliseconds }) => milliseconds),
          ofUnknown.map(({ milliseconds }) => milliseconds),
        ),
      };
    };
    const wrong = await round();
    assertEquals(wrong.said.status, 400);
    assert(wrong.share > 0 && wrong.share < 1, `the ranks: ${wrong.share}`);
    // No answer comes earlier, however long Supabase Auth took.
    assert(wrong.fastest > 990, `refused after ${wrong.fastest} ms`);

    await sql`
      update latchkey.login_attempts set failures = ${FREE + 15}
      where key_hash in (
        select latchkey.attempt_key('account', email)
        from unnest(${[...known, ...unknown]}::text[]) email)`;
    await round();
    const waiting = await round();
    assertEquals(waiting.said.status, 429);
    assert(waiting.share > 0 && waiting.share < 1, `${waiting.share}`);
  });

  await test.step("Supabase Auth gets the address, in a request with the rights of anon", async () => {
    const [email, address] = [newEmail(), newAddress()];
    await guess(api, { email, address: `6.6.6.6, ${address}` });
    const { headers } = witness.seen.find(({ account }) => account === email)!;
    assertEquals(headers.get("Sb-Forwarded-For"), address);
    assertEquals(headers.get("apikey"), stack.secretKey);
    const token = headers.get("Authorization")!.replace(/^Bearer /, "");
    assertEquals(decodeJwt(token).role, "anon");
  });

  await test.step("without an address none is counted or forwarded", async () => {
    const none = [null, "", "unknown", "1.2.3.4, ", "'; select 1"];
    await Promise.all(none.map(async (address) => {
      const email = newEmail();
      assert(isWrong(await guess(api, { email, address })));
      const { headers } = witness.seen.find(({ account }) =>
        account === email
      )!;
      assertEquals(headers.get("Sb-Forwarded-For"), null);
      assertEquals(headers.get("apikey"), stack.publishableKey);
      assertEquals(await failures(sql, "account", email), 1);
    }));
  });

  await test.step("an attempt that Supabase Auth did not decide is not counted", async () => {
    const error = (code: string, status: number) => () =>
      Response.json({ code, message: code }, { status });
    for (
      const [answer, code] of [
        [error("over_request_rate_limit", 429), "too_many_requests"],
        [error("unexpected_failure", 500), "auth_unavailable"],
        [error("captcha_failed", 400), "invalid_request"],
      ] as const
    ) {
      const [email, address] = [newEmail(), newAddress()];
      witness.instead.set(email, answer);
      const answers = await Promise.all(
        [1, 2, 3].map(() => guess(api, { email, address })),
      );
      assertEquals(answers.map(({ body }) => body.code), [code, code, code]);
      if (answers[0]!.status !== 400) {
        assert(Number(answers[0]!.headers.get("Retry-After")) > 0, code);
      }
      assertEquals(await failures(sql, "account", email), 0, code);
      assertEquals(await failures(sql, "address", address), 0, code);
    }
  });

  await test.step("attempts at a banned account are counted too", async () => {
    const email = newEmail();
    witness.instead.set(
      email,
      () => Response.json({ code: "user_banned" }, { status: 400 }),
    );
    assertEquals((await guess(api, { email })).body.code, "user_banned");
    assertEquals(await failures(sql, "account", email), 1);
  });
}

for (const way of Object.keys(WAYS)) {
  Deno.test(`guessing passwords is slowed down, ${way}`, async (test) => {
    const witness = new AuthWitness();
    try {
      await withDatabase(
        stack.dbUrl,
        (sql) =>
          withConnectionRole(sql, async (url) => {
            const functions = await start(
              witness,
              way === "over a connection" ? { LATCHKEY_DB_URL: url } : {},
            );
            try {
              // The local Data API stalls where its first calls come all at once.
              await guess(new Api(functions.url), { email: newEmail() });
              await testGuessing(test, new Api(functions.url), witness, sql);
            } finally {
              await functions.close();
            }
          }),
      );
    } finally {
      await witness.close();
    }
  });
}

Deno.test("attempts at the same accounts from the same addresses never wait in a circle", async () => {
  const accounts = Array.from({ length: 3 }, newEmail);
  const addresses = Array.from({ length: 3 }, newAddress);
  await withDatabase(stack.dbUrl, async (sql) => {
    // Every pair, by both functions, in as many orders as there are: a deadlock
    // would be an error of one of them.
    await Promise.all(
      Array.from({ length: 900 }, async (_, i) => {
        const account = accounts[i % 3]!;
        const address = addresses[Math.floor(i / 3) % 3]!;
        if (i % 2) {
          await sql`select latchkey.attempt(${account}, ${address})`;
        } else {
          await sql`select latchkey.settle_attempt(${account}, ${address}, ${
            i % 4 === 0
          })`;
        }
      }),
    );
  }, 20);
});
