/**
 * The client's package as an app has it: built, installed beside the real
 * supabase-js and React, compiled against and run by Node.js.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { newUser, stack } from "../harness.ts";

const root = new URL("../..", import.meta.url).pathname;

/** What an app writes; each line must compile, or fail where it says so. */
const APP = `
import { createClient, type Session as SupabaseSession } from "@supabase/supabase-js";
import { createSessionClient, isRevoked, type Session } from "latchkey";
import { useSession } from "latchkey/react";

const session = createSessionClient({ url: "", key: "" });
const supabase = createClient("", "", { accessToken: session.getAccessToken });
const stop: () => void = session.watch(supabase);
const signedIn: Session = await session.signIn({ email: "", password: "" });
const asSupabase: SupabaseSession = signedIn;
session.onChange((event) => {
  if (event.type === "session_revoked") console.log(event.reason);
});
const shown: string | undefined = useSession(session).session?.user.email;
try {
  await session.sessions();
} catch (error) {
  if (isRevoked(error)) console.log(error.reason, error.code);
}
// @ts-expect-error A password is missing.
session.signIn({ email: "" });
console.log(stop, asSupabase, shown);
`;

/** One that has no supabase-js. */
const PLAIN = `
import { createSessionClient, type Snapshot } from "latchkey";

const session = createSessionClient({ url: "", key: "" });
const token: string | null = await session.getAccessToken();
const response: Response = await session.fetch("");
const status: "loading" | "signed_in" | "signed_out" = session.snapshot().status;
export const seen: [string | null, Response, Snapshot["status"]] = [token, response, status];
`;

/** An app's folder with the built package installed. */
async function withApp(
  packages: (keyof typeof config.imports)[],
  use: (folder: string) => Promise<void>,
) {
  const folder = await Deno.makeTempDir({ prefix: "latchkey_app_" });
  try {
    const dependencies = Object.fromEntries(
      packages.map((name) => [name, config.imports[name].split("@").at(-1)]),
    );
    await Deno.writeTextFile(
      `${folder}/package.json`,
      JSON.stringify({ type: "module", dependencies }),
    );
    const { code, stderr } = await run(folder, Deno.execPath(), "install");
    assertEquals(code, 0, stderr);
    const built = await run(
      root,
      Deno.execPath(),
      "run",
      "-A",
      "scripts/build_client.ts",
      `${folder}/built`,
    );
    assertEquals(built.code, 0, built.stderr);
    await Deno.rename(`${folder}/built`, `${folder}/node_modules/latchkey`);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(cwd: string, command: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd,
    // A process that never ends fails the test.
    signal: AbortSignal.timeout(60_000),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Compiles, and answers what the compiler says. */
async function compile(folder: string, name: string, ...options: string[]) {
  const { stdout } = await run(
    folder,
    "node_modules/.bin/tsc",
    "--noEmit",
    "--strict",
    // supabase-js's own declarations want those of Node.js.
    "--skipLibCheck",
    "--target",
    "es2022",
    ...options,
    name,
  );
  return stdout;
}

Deno.test("client package: compiles in an app, by a bundler's rules and by Node's", async () => {
  await withApp(
    ["@supabase/supabase-js", "react", "typescript"],
    async (folder) => {
      await Deno.writeTextFile(`${folder}/app.ts`, APP);
      for (
        const rules of [
          ["--module", "es2022", "--moduleResolution", "bundler"],
          ["--module", "node16", "--moduleResolution", "node16"],
        ]
      ) {
        assertEquals(await compile(folder, "app.ts", ...rules), "");
      }
      // The compiler would say if a type were missing.
      await Deno.writeTextFile(
        `${folder}/wrong.ts`,
        `import { createSessionClient } from "latchkey";
         export const token: number = await createSessionClient({ url: "", key: "" }).getAccessToken();`,
      );
      assertMatch(
        await compile(folder, "wrong.ts", "--module", "node16"),
        /TS2322/,
      );
    },
  );
});

Deno.test("client package: compiles and runs without supabase-js or React", async () => {
  await withApp(["typescript"], async (folder) => {
    await Deno.writeTextFile(`${folder}/app.ts`, PLAIN);
    assertEquals(await compile(folder, "app.ts", "--module", "node16"), "");
    const { email, password } = await newUser();
    const { code, stdout, stderr } = await run(
      folder,
      "node",
      "--input-type=module",
      "--eval",
      `import { createSessionClient } from "latchkey";
       const session = createSessionClient(${
        JSON.stringify({ url: stack.apiUrl, key: stack.publishableKey })
      });
       const { user } = await session.signIn(${
        JSON.stringify({ email, password })
      });
       console.log(user.email);`,
    );
    // It ended by itself: the timer of the next refresh does not hold it.
    assertEquals([code, stdout], [0, `${email}\n`], stderr);
  });
});

Deno.test("client package: in Node.js, from sign-in to its end", async () => {
  await withApp(["@supabase/supabase-js", "ws"], async (folder) => {
    await Deno.copyFile(`${root}/tests/client_node.mjs`, `${folder}/app.mjs`);
    const { email, password } = await newUser();
    const { code, stdout, stderr } = await run(
      folder,
      "node",
      "app.mjs",
      JSON.stringify({
        url: stack.apiUrl,
        key: stack.publishableKey,
        credentials: { email, password },
      }),
    );
    assertEquals(code, 0, stderr);
    const { node, ...seen } = JSON.parse(stdout);
    assert(parseInt(node.slice(1)) >= 20, node);
    assertEquals(seen, {
      events: ["signed_out", "signed_in", "token_refreshed", "session_revoked"],
      sameToken: true,
      ownSession: true,
      reason: "user",
      tokenAfterwards: null,
    });
  });
});
