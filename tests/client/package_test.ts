/**
 * The npm package as an app has it: built, packed and installed by the commands
 * of docs/client.md, then compiled, bundled and run.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { newUser, stack } from "../harness.ts";
import { installNode } from "../node.ts";
import {
  guide,
  installCommands,
  once,
  pack,
  run,
  runOk,
  write,
} from "./package.ts";

/** What the app has besides, in the versions that are tested. */
const dependencies = {
  "@types/node": "22.20.5",
  "@types/react": "19.3.0",
  "@types/react-dom": "19.3.0",
  "@types/ws": "8.18.2",
  next: "16.4.6",
  react: "19.3.1",
  "react-dom": "19.3.1",
  typescript: "5.9.3",
  vite: "7.3.8",
  ws: "8.23.0",
};

/** Checkers of packages; they need a folder only for what they download. */
const CHECKERS = {
  publint: ["publint@0.3.25", "run", "--strict"],
  // The package has ES modules only.
  "Are the types wrong?": [
    "@arethetypeswrong/cli@0.18.5",
    "--profile",
    "esm-only",
  ],
};

const work = await Deno.makeTempDir({ prefix: "latchkey_package_" });
Deno.test.afterAll(() => Deno.remove(work, { recursive: true }));

/** An app with the package, installed by the guide's command. */
async function install(): Promise<string> {
  const folder = join(work, "app");
  await write(folder, {
    "package.json": JSON.stringify({
      ...{ type: "module", private: true },
      dependencies,
    }),
  });
  const [, , install] = installCommands();
  await runOk(folder, install.replace(/\S+\.tgz/, await packed()));
  await write(folder, APP);
  return folder;
}

const packed = once(() => pack(work));
const installed = once(install);

/** The versions of Node.js that run the package. */
const NODES = ["20.20.2", "22.23.3"];
const nodes = once(() =>
  Promise.all(NODES.map((version) => installNode(work, version)))
);

// Each test waits for what it needs, and fails if that has failed.
Deno.test.beforeAll(() => {
  for (const download of [installed, nodes]) download().catch(() => {});
});

/** Compiler options of Vite's React template, and the strictest ones. */
const OPTIONS = {
  target: "es2022",
  lib: ["es2022", "dom"],
  jsx: "react-jsx",
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
};

/** A React app that Vite and Next build. */
const APP = {
  "web/src/session.ts": `
    import { createClient } from "@supabase/supabase-js";
    import { createSessionClient } from "supabase-latchkey";

    const url = "https://example.supabase.co";
    const key = "sb_publishable_example";
    export const session = createSessionClient({ url, key });
    export const supabase = createClient(url, key, {
      auth: session.authOptions(),
    });`,
  "web/src/app.tsx": `"use client";
    import { useSession } from "supabase-latchkey/react";
    import { session } from "./session";

    export function App() {
      const { status, session: current, reason } = useSession(session);
      if (status === "loading") return <p>Loading</p>;
      return <p>{current ? current.user.email : reason ?? "Signed out"}</p>;
    }`,
  "web/index.html":
    '<div id="root"></div><script type="module" src="/src/main.tsx"></script>',
  "web/src/main.tsx": `
    import { createRoot } from "react-dom/client";
    import { App } from "./app";
    createRoot(document.getElementById("root")!).render(<App />);`,
  "web/app/page.tsx": `
    import { App } from "../src/app";
    export default function Page() {
      return <App />;
    }`,
  "web/app/layout.tsx": `
    import type { ReactNode } from "react";
    export default function Layout({ children }: { children: ReactNode }) {
      return <html lang="en"><body>{children}</body></html>;
    }`,
  "web/app/api/route.ts": `
    import { requireSession } from "supabase-latchkey/functions";
    export async function GET(request: Request): Promise<Response> {
      const caller = await requireSession(request, { aal: "aal2" });
      if (caller instanceof Response) return caller;
      const userId: string = caller.userId;
      return Response.json({ userId });
    }`,
};

for (const [name, command] of Object.entries(CHECKERS)) {
  Deno.test(`package: ${name} finds nothing`, async () => {
    await runOk(work, `npx -y ${command.join(" ")} ${await packed()}`);
  });
}

Deno.test("package: the guide's code compiles under strict, by a bundler's rules and by Node's", async () => {
  const app = await installed();
  const blocks = [...guide.matchAll(/```(tsx?)\n([^]*?)```/g)];
  const names = blocks.map(([, language], i) => `guide/${i}.${language}`);
  await write(app, {
    ...Object.fromEntries(
      blocks.map(([, , code], i) => [names[i]!, `${code}\nexport {};`]),
    ),
    // The compiler would accept anything if a type were missing.
    "guide/wrong.ts": `
      import { createSessionClient } from "supabase-latchkey";
      const session = createSessionClient({ url: "", key: "" });
      // @ts-expect-error It is a promise.
      export const token: string = session.getAccessToken();
      // @ts-expect-error The list may be empty.
      (await session.sessions())[0].session_id;
      // @ts-expect-error The password is missing.
      session.signIn({ email: "" });`,
    "guide/globals.d.ts": `
      declare const { createClient }: typeof import("@supabase/supabase-js");
      declare const { createSessionClient }: typeof import("supabase-latchkey");
      declare const url: string, key: string, email: string, password: string;
      declare const newPassword: string, code: string, token_hash: string;
      declare const factorId: string;
      declare function show(text: string): void;
      declare const session: import("supabase-latchkey").SessionClient;
      declare const supabase: import("@supabase/supabase-js").SupabaseClient;`,
  });
  for (
    const [module, moduleResolution] of [
      ["es2022", "bundler"],
      ["nodenext", "nodenext"],
    ]
  ) {
    await write(app, {
      "guide/tsconfig.json": JSON.stringify({
        compilerOptions: { ...OPTIONS, module, moduleResolution },
      }),
    });
    const { stdout } = await run(app, "npx tsc --project guide");
    assertEquals(stdout, "", moduleResolution);
  }
});

Deno.test("package: Vite builds a React app, and tsc accepts it", async () => {
  const app = await installed();
  await write(app, {
    "web/src/tsconfig.json": JSON.stringify({
      compilerOptions: {
        ...OPTIONS,
        module: "esnext",
        moduleResolution: "bundler",
        types: ["vite/client"],
        skipLibCheck: true,
      },
    }),
  });
  await runOk(app, "npx tsc --project web/src");
  await runOk(app, "npx vite build web");
});

Deno.test("package: Next builds an app", async () => {
  await runOk(
    await installed(),
    "NEXT_TELEMETRY_DISABLED=1 npx next build web",
  );
});

Deno.test("package: runs in Node.js 20 and 22 and in Deno", async (test) => {
  const app = await installed();
  await Deno.copyFile(
    fromFileUrl(new URL("package_app.mjs", import.meta.url)),
    join(app, "app.mjs"),
  );
  const [node20, node22] = await nodes();
  const runtimes = {
    "Node.js 20": node20,
    "Node.js 22": node22,
    Deno: `${Deno.execPath()} run -A --node-modules-dir=manual`,
  };
  for (const [name, command] of Object.entries(runtimes)) {
    await test.step(name, async () => {
      const { email, password } = await newUser();
      const input = JSON.stringify({
        url: stack.apiUrl,
        key: stack.publishableKey,
        secretKey: stack.secretKey,
        credentials: { email, password },
      });
      const { code, stdout, stderr } = await run(
        app,
        `${command} app.mjs '${input}'`,
      );
      // It ended by itself, after all promises had settled.
      assertEquals(code, 0, stderr);
      const { version, ...seen } = JSON.parse(stdout);
      assertMatch(name, new RegExp(`Deno|${version.split(".")[0].slice(1)}$`));
      assertEquals(seen, {
        events: [
          "signed_out",
          "signed_in",
          "token_refreshed",
          "session_revoked",
        ],
        sameToken: true,
        bound: [true, true],
        ownSession: true,
        guarded: [true, 401],
        reason: "user",
        tokenAfterwards: null,
      });
    });
  }
});

Deno.test("package: a Node.js process ends after a refresh, not during it", async () => {
  const app = await installed();
  const { email, password } = await newUser();
  await write(app, {
    "refresh.mjs": `
      import { createSessionClient } from "supabase-latchkey";

      const items = new Map();
      const session = createSessionClient({
        url: ${JSON.stringify(stack.apiUrl)},
        key: ${JSON.stringify(stack.publishableKey)},
        // Tabs of one storage wait for each other, here without Web Locks.
        storage: {
          getItem: (key) => items.get(key) ?? null,
          setItem: (key, value) => items.set(key, value),
          removeItem: (key) => items.delete(key),
        },
        locks: null,
      });
      const { session_id } = await session.signIn(${
      JSON.stringify({ email, password })
    });
      const refreshed = await session.refresh();
      console.log(refreshed.session_id === session_id);`,
  });
  const { code, stdout, stderr } = await run(app, "node refresh.mjs");
  // Node.js exits with 13 if a promise at the top level never settles.
  assertEquals([code, stdout], [0, "true\n"], stderr);
});
