/**
 * Metro's configuration for the app of react_native_test.ts. `projectRoot` is
 * the folder that has installed the packages.
 */
const { join } = require("node:path");

const projectRoot = process.cwd();
const repository = process.env.REPOSITORY;
const here = join(repository, "tests/client/react_native");
/** Runs in Hermes alone, with no phone around it. */
const isAlone = process.env.ALONE === "true";

/** Modules of the platform, which only a phone or Node.js has. */
const STAND_INS = {
  "expo-modules-core": join(here, "expo_modules_core.js"),
  ...isAlone && {
    "react-native": join(here, "react_native.js"),
    "node:buffer": join(here, "node_buffer.js"),
    "node:crypto": join(here, "node_crypto.js"),
    "node:timers": join(here, "node_timers.js"),
  },
};

module.exports = {
  projectRoot,
  watchFolders: [join(repository, "client"), here],
  cacheStores: [],
  reporter: { update() {} },
  resolver: {
    sourceExts: ["js", "jsx", "ts", "tsx", "json"],
    nodeModulesPaths: [join(projectRoot, "node_modules")],
    useWatchman: false,
    resolveRequest(context, name, platform) {
      const standIn = STAND_INS[name];
      if (standIn) return { type: "sourceFile", filePath: standIn };
      // The client that is tested is the packed one.
      const path = name.endsWith("/react_native.ts")
        ? "supabase-latchkey/react-native"
        : name;
      return context.resolveRequest(context, path, platform);
    },
  },
};
