/** The code in the documentation compiles and runs. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { toFileUrl } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { createSessionClient } from "../../client/mod.ts";
import {
  newUser,
  rolledBack,
  savepoint,
  stack,
  supabase,
  until,
  withDatabase,
  withSettings,
} from "../harness.ts";
import { codeBlocks, page, pages, root } from "./pages.ts";

/** What the examples use without declaring it. */
const GIVEN = `
import * as supabaseJs from "@supabase/supabase-js";
import * as latchkey from "supabase-latchkey";
declare global {
  const createClient: typeof supabaseJs.createClient;
  const createSessionClient: typeof latchkey.createSessionClient;
  // A declaration of the example itself takes precedence.
  var supabase: supabaseJs.SupabaseClient, session: latchkey.SessionClient;
  var url: string, key: string, email: string, password: string;
  var newPassword: string, token: string, token_hash: string, accessToken: string;
  var factorId: string, code: string;
  function show(text: string): void;
}
`;

/** Packages of other platforms, which are not installed here. */
const STUBS: Record<string, string> = {
  "react-native-url-polyfill/auto": "export {};",
  "@react-native-async-storage/async-storage": `
    declare const AsyncStorage: import("supabase-latchkey/react-native").AsyncStorageModule;
    export default AsyncStorage;`,
  "@react-native-community/netinfo": `
    declare const NetInfo: {
      addEventListener(listener: (state: { isConnected: boolean | null }) => void): () => void;
    };
    export default NetInfo;`,
  "expo-linking": `
    export declare function createURL(path: string): string;
    export declare function useLinkingURL(): string | null;`,
  "expo-secure-store": `
    declare const SecureStore: import("supabase-latchkey/react-native").SecureStoreModule;
    export = SecureStore;`,
  "expo-web-browser": `
    export declare function openAuthSessionAsync(url: string, redirect: string):
      Promise<{ type: "success"; url: string } | { type: "cancel" }>;`,
  "react-native-quick-crypto": `
    declare const QuickCrypto: import("supabase-latchkey/react-native").QuickCryptoModule;
    export default QuickCrypto;`,
  "react-native": `
    import type { FunctionComponent, ReactNode } from "react";
    export declare const AppState: {
      currentState: string;
      addEventListener(event: "change", listener: (state: string) => void): { remove(): void };
    };
    export declare const Text: FunctionComponent<{ children?: ReactNode }>;
    export declare const Button: FunctionComponent<{ title: string; onPress(): void }>;`,
};

Deno.test("docs: every TypeScript example compiles", async () => {
  const folder = await Deno.makeTempDir({ prefix: "latchkey_docs_" });
  try {
    const imports: Record<string, string> = {};
    for (
      const [name, target] of Object.entries({
        ...config.imports,
      })
    ) {
      imports[name] = target.startsWith(".")
        ? new URL(target, toFileUrl(root)).href
        : target;
    }
    for (const [i, [name, text]] of Object.entries(STUBS).entries()) {
      imports[name] = `./stub_${i}.ts`;
      await Deno.writeTextFile(`${folder}/stub_${i}.ts`, text);
    }
    // Where the examples' relative import leads from the folder they are in.
    imports[toFileUrl(`${folder}/../_latchkey/`).href] =
      toFileUrl(`${root}supabase/functions/_latchkey/`).href;
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({
        imports,
        compilerOptions: { ...config.compilerOptions, jsx: "react-jsx" },
      }),
    );
    await Deno.writeTextFile(`${folder}/given.ts`, GIVEN);
    let blocks = 0;
    for (const { path, ...rest } of pages) {
      for (const code of codeBlocks({ path, ...rest }, "ts", "tsx")) {
        const name = `${path.replaceAll(/\W/g, "_")}_${++blocks}.tsx`;
        await Deno.writeTextFile(
          `${folder}/${name}`,
          `import "./given.ts";\n${code}\nexport {};\n`,
        );
      }
    }
    assert(blocks >= 8);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--no-lock", folder],
      cwd: folder,
    }).output();
    assert(success, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

for (const { path, ...rest } of pages) {
  const blocks = codeBlocks({ path, ...rest }, "sql")
    // Placeholders are not SQL.
    .filter((code) => !code.includes("…"));
  if (blocks.length === 0) continue;
  Deno.test(`docs: the SQL of ${path} runs`, async () => {
    await rolledBack(stack.dbUrl, async (sql) => {
      await sql.unsafe("drop table if exists public.notes");
      if (
        !blocks.some((block) => block.includes("create table public.notes"))
      ) {
        await sql.unsafe("create table public.notes (user_id uuid)");
      }
      await sql.unsafe("create role editor nologin");
      for (const block of blocks) await sql.unsafe(block);
    });
  });
}

Deno.test("docs: the policies of database.md close reads and writes to an ended session", async () => {
  const user = await newUser();
  const [policies] = codeBlocks(page("docs/database.md"), "sql");
  await rolledBack(stack.dbUrl, async (sql) => {
    await sql.unsafe("drop table if exists public.notes");
    await sql.unsafe(policies!);
    const session = crypto.randomUUID();
    await sql`
      insert into auth.sessions (id, user_id, created_at, updated_at)
      values (${session}, ${user.id}, now(), now())`;
    const claims = JSON.stringify({
      sub: user.id,
      role: "authenticated",
      session_id: session,
    });
    await sql`select set_config('request.jwt.claims', ${claims}, true)`;
    /**
     * How many rows each statement returns, or its error. Those that write read
     * no column, so that no policy for select applies to them.
     */
    const asUser = async () => {
      const results = [];
      for (
        const statement of [
          "insert into public.notes (body) values ('mine') returning 1",
          "select id from public.notes",
          "update public.notes set body = 'changed' returning 1",
          "delete from public.notes returning 1",
        ]
      ) {
        results.push(
          await savepoint(sql, async () => {
            await sql.unsafe("set local role authenticated");
            const rows = await sql.unsafe(statement);
            await sql.unsafe("reset role");
            return rows.length;
          }).catch((error: Error) => error.message),
        );
      }
      return results;
    };
    assertEquals(await asUser(), [1, 1, 1, 1]);
    await sql`insert into public.notes (user_id, body) values (${user.id}, 'mine')`;
    await sql`delete from auth.sessions where id = ${session}`;
    const [inserted, ...others] = await asUser();
    assertMatch(`${inserted}`, /row-level security/);
    assertEquals(others, [0, 0, 0]);
  });
});

for (
  const [way, at] of [["as a member of authenticated", -2], [
    "with its own grants",
    -1,
  ]] as const
) {
  Deno.test(`docs: a role of the project's own uses its sessions, ${way}`, async () => {
    const user = await newUser();
    const blocks = codeBlocks(page("docs/database.md"), "sql");
    await rolledBack(stack.dbUrl, async (sql) => {
      await sql.unsafe("create role editor nologin");
      await sql.unsafe(
        "grant editor to current_user with set true, inherit false",
      );
      await sql.unsafe(blocks.at(-3)!);
      await sql.unsafe(blocks.at(at)!);
      const current = crypto.randomUUID();
      const other = crypto.randomUUID();
      for (const session of [current, other]) {
        await sql`
          insert into auth.sessions (id, user_id, created_at, updated_at)
          values (${session}, ${user.id}, now(), now())`;
        await sql`
          select latchkey.login(${session}, sha256(${session}::text::bytea), 'aal1',
            '[]', null, null, null, null)`;
      }
      const claims = JSON.stringify({
        sub: user.id,
        role: "editor",
        session_id: current,
      });
      await sql`select set_config('request.jwt.claims', ${claims}, true)`;
      await sql.unsafe("set local role editor");
      // First, because PostgreSQL checks the rights of the first caller only.
      await sql`select latchkey.caller_session_id()`;
      const listed = await sql<{ session_id: string }[]>`
        select session_id from latchkey.sessions where current`;
      assertEquals(listed.map(({ session_id }) => session_id), [current]);
      const [ended] = await sql`
        select latchkey.revoke_session(${other}) as ended,
          latchkey.session_active() as active`;
      assertEquals(ended, { ended: true, active: true });
      const events = await sql<{ event: string }[]>`
        select event from latchkey.session_events
        where session_id = ${other} order by event`;
      assertEquals(events.map(({ event }) => event), [
        "session_created",
        "authn_token_revoked",
      ]);
    });
  });
}

Deno.test("docs: the example of bound-sessions.md refreshes a bound session", async () => {
  const [example] = codeBlocks(page("docs/bound-sessions.md"), "ts");
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  const { apiUrl: url, publishableKey: key } = stack;
  Object.assign(globalThis, { url, key });
  try {
    await Deno.writeTextFile(
      file,
      `// deno-lint-ignore-file\n${
        example!.replace('"jose"', `"${config.imports.jose}"`)
      }\nexport { prove, refresh };\n`,
    );
    const { prove, refresh } = await import(toFileUrl(file).href);
    const { email, password } = await newUser();
    const login = `${url}/functions/v1/login`;
    const response = await fetch(login, {
      method: "POST",
      headers: {
        "apikey": key,
        "Content-Type": "application/json",
        "DPoP": await prove(login),
      },
      body: JSON.stringify({ email, password }),
    });
    const { refresh_token, session_id } = await response.json();
    const next = await (await refresh(refresh_token)).json();
    assertEquals(next.session_id, session_id);
    // Two behind: the answer asks for the nonce, which the example then uses.
    await (await refresh(next.refresh_token)).body?.cancel();
    // Within the reuse interval, nothing would end.
    await withSettings({ reuse_interval_seconds: 0 }, async () => {
      const reused = await (await refresh(refresh_token)).json();
      assertEquals(reused.code, "refresh_token_reused");
    });
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("docs: the example of realtime.md hears the end of its session", async () => {
  const [example] = codeBlocks(page("docs/realtime.md"), "ts");
  const { email, password } = await newUser();
  const url = stack.apiUrl;
  const session = createSessionClient({ url, key: stack.publishableKey });
  const { session_id, access_token } = await session.signIn({
    email,
    password,
  });
  const client = supabase(() => access_token);
  try {
    const shown: string[] = [];
    const run = new Function(
      ...["supabase", "session", "url", "show"],
      `return (async () => {${example}})()`,
    );
    await run(client, session, url, (text: string) => shown.push(text));
    await until(
      () => client.getChannels()[0]?.state === "joined",
      "the channel to be joined",
    );
    await until(async () => {
      // A broadcast before delivery is live would be lost.
      await withDatabase(
        stack.dbUrl,
        (sql) =>
          sql`select realtime.send(${{
            reason: "admin",
          }}, 'session-revoked', ${`session:${session_id}`}, true)`,
      );
      return shown.length > 0;
    }, "the event");
    assertEquals(shown[0], "Signed out: admin");
  } finally {
    await client.removeAllChannels();
    client.realtime.disconnect();
    session.close();
  }
});

Deno.test("docs: getting-started.md runs as it is written", async () => {
  const [start, ...blocks] = codeBlocks(page("docs/getting-started.md"), "sh");
  assertMatch(start!, /task start$/);
  const email = `${crypto.randomUUID()}@example.com`;
  const script = blocks
    .map((block, i) => `echo "--- ${i}"\n${block}`)
    .join("\n")
    .replace(/^API=.*$/m, `API=${stack.apiUrl}`)
    .replace(/^KEY=.*$/m, `KEY=${stack.publishableKey}`)
    .replace(/^export DB_URL=.*$/m, `export DB_URL=${stack.dbUrl}`)
    .replaceAll("ada@example.com", email)
    .replaceAll("npx -y deno@2.9.6", Deno.execPath())
    // The stack under test is not at the port where the doctor looks.
    .replace("task doctor", `task --quiet doctor --url ${stack.apiUrl}`);
  const { stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", `set -u\n${script}`],
    cwd: root,
  }).output();
  const text = new TextDecoder().decode(stdout);
  const parts = text.split(/^--- \d+\n/m).slice(1).map((part) => part.trim());
  const [, , signedUp, listed, refreshed, revoked, reused, doctor] = parts;
  const details = text + new TextDecoder().decode(stderr);
  assertMatch(signedUp!, /"access_token"/, details);
  assertMatch(listed!, /"device_name":"Laptop","current":false/, details);
  const [first, second] = refreshed!.split("\n");
  assertMatch(first!, /^lkr_/, details);
  assertEquals(second, first, details);
  assertMatch(revoked!, /^\{"revoked":2\}\n.*"token_revoked"/, details);
  assertMatch(reused!, /"refresh_token_reused"/, details);
  assertMatch(doctor!, /\brevoked\b|\bended\b/, details);
});
