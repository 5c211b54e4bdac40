/**
 * The entry for React Native as an Expo app has it: the guide's code compiles
 * against the real packages, Metro bundles it, Hermes' compiler accepts the
 * bundle, and Hermes runs the client.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { codeBlocks, page } from "../docs/pages.ts";
import { once, pack, run, runOk, write } from "./package.ts";

const root = fromFileUrl(new URL("../..", import.meta.url));

/** What the app installs, in the versions that are tested. */
const PACKAGES = [
  "@react-native-async-storage/async-storage@3.1.1",
  "@react-native-community/netinfo@12.0.1",
  "@react-native/babel-preset@0.88.1",
  "@supabase/supabase-js@2.119.0",
  "@types/react@19.3.0",
  "buffer@6.0.3",
  "expo-linking@57.0.3",
  "expo-secure-store@57.0.4",
  "expo-web-browser@57.0.3",
  "hermes-engine-cli@0.12.0",
  "metro@0.87.1",
  "react@19.3.1",
  "react-native@0.88.1",
  "react-native-quick-crypto@1.1.7",
  "react-native-url-polyfill@4.0.0",
  "typescript@5.9.3",
];

const PLATFORM = { linux: "linux64", darwin: "osx" }[Deno.build.os as "linux"];

/** The compiler of the tested React Native, which makes a release's bytecode. */
const COMPILER = `node_modules/hermes-compiler/hermesc/${PLATFORM}-bin/hermesc`;

/**
 * The newest Hermes that npm has as a program. It is older than the compiler
 * and does not know classes, so Babel replaces them.
 */
const HERMES = `node_modules/hermes-engine-cli/${PLATFORM}-bin/hermes`;

const work = await Deno.makeTempDir({ prefix: "latchkey_react_native_" });
Deno.test.afterAll(() => Deno.remove(work, { recursive: true }));

const installed = once(async () => {
  const app = join(work, "app");
  await write(app, {
    "package.json": JSON.stringify({
      private: true,
      // Only expo-constants uses it, while an app is built.
      overrides: { "@expo/env": "2.4.2" },
    }),
  });
  // Without the peers of Expo's packages, which are programs to build apps.
  await runOk(
    app,
    `npm install --save-exact --legacy-peer-deps --ignore-scripts ${
      PACKAGES.join(" ")
    } ${await pack(work)}`,
  );
  return app;
});

/** Bundles an entry as a release build does. */
async function bundle(
  entry: string,
  { isAlone = false } = {},
): Promise<string> {
  const app = await installed();
  await write(app, {
    "babel.config.js": `module.exports = { presets: [[
      "@react-native/babel-preset",
      ${isAlone ? '{ unstable_transformProfile: "default" }' : "{}"},
    ]] };`,
  });
  const out = join(app, `${isAlone ? "alone" : "guide"}.js`);
  await runOk(
    app,
    `REPOSITORY="${root}" ALONE=${isAlone} npx metro build ${entry} --out ${out} --platform ios --dev false --minify false --reset-cache -c "${root}tests/client/react_native/metro.config.js"`,
  );
  return out;
}

Deno.test("React Native: the guide's code compiles against the real packages", async () => {
  const app = await installed();
  const blocks = codeBlocks(page("docs/react-native.md"), "ts", "tsx");
  await write(app, {
    ...Object.fromEntries(
      blocks.map((code, i) => [`guide/${i}.tsx`, `${code}\nexport {};`]),
    ),
    "guide/globals.d.ts": `
      declare const url: string, key: string, email: string, password: string;
      declare function show(text: string): void;
      declare const session: import("supabase-latchkey/react-native").SessionClient;
      declare const supabase: import("@supabase/supabase-js").SupabaseClient;
      declare const process: { env: Record<string, string | undefined> };`,
    "guide/tsconfig.json": JSON.stringify({
      // As expo/tsconfig.base does, and the strictest options.
      compilerOptions: {
        target: "esnext",
        lib: ["dom", "esnext"],
        module: "preserve",
        moduleResolution: "bundler",
        customConditions: ["react-native"],
        jsx: "react-jsx",
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: true,
        noEmit: true,
      },
    }),
  });
  const { stdout } = await run(app, "npx tsc --project guide");
  assertEquals(stdout, "");
});

Deno.test("React Native: Metro bundles the guide's app, and Hermes compiles it", async () => {
  const app = await installed();
  const [setup] = codeBlocks(page("docs/react-native.md"), "ts");
  await write(app, { "session.ts": setup! });
  const file = await bundle("session.ts");
  assertMatch(await Deno.readTextFile(file), /SecureStore/);
  await runOk(app, `${COMPILER} -w -O -emit-binary -out app.hbc ${file}`);
});

Deno.test("React Native: Hermes runs the client and its soak", async () => {
  const app = await installed();
  const file = await bundle(`${root}tests/client/react_native/app.js`, {
    isAlone: true,
  });
  const printed = await runOk(app, `${HERMES} -w -Xmicrotask-queue ${file}`);
  assertEquals(JSON.parse(printed), {
    missing: [],
    isNew: true,
    isSame: true,
    refreshes: 2,
    body: "hello",
    token: "s1.2",
    isSplit: true,
    left: 0,
    events: [
      "signed_out",
      "signed_in",
      "token_refreshed",
      "token_refreshed",
      "signed_out",
    ],
    // The soak of client/soak_test.ts has passed.
    unbound: true,
    bound: true,
  });
});
