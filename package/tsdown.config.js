/** Each entry becomes one minified ES module with its types. */
const options = {
  outDir: "../dist/supabase-latchkey",
  clean: false,
  format: "esm",
  fixedExtension: false,
  dts: true,
  minify: true,
  sourcemap: true,
  target: "es2022",
  logLevel: "warn",
  inputOptions: { checks: { pluginTimings: false } },
};

export default [
  {
    ...options,
    entry: { index: "../client/mod.ts", react: "../client/react.ts" },
    platform: "browser",
  },
  {
    // On its own, so that an app loads one file and the others keep theirs.
    ...options,
    entry: { "react-native": "../client/react_native.ts" },
    platform: "browser",
  },
  {
    ...options,
    entry: { server_browser: "../server/browser.ts" },
    platform: "browser",
  },
  {
    ...options,
    entry: {
      functions: "functions.ts",
      server: "../server/mod.ts",
      next: "../server/next.ts",
      sveltekit: "../server/sveltekit.ts",
      react_router: "../server/react_router.ts",
    },
    platform: "node",
    // The app installs its framework.
    external: ["next/headers", "next/server", "react-router"],
  },
];
