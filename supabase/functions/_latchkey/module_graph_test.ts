/**
 * Modules import in one direction: tokens, environment and outcomes at the
 * bottom, `endpoint.ts` on top.
 */
import { assert, assertEquals } from "@std/assert";

const folder = new URL("./", import.meta.url);

/** Imports of values and of types alike. */
const IMPORT = /^(?:import|export)\b[^;]*?from "([^"]+)"/gms;

/** What a module imports, by its path below the functions' folder. */
const graph = new Map<string, string[]>();

async function read(module: URL): Promise<void> {
  const text = await Deno.readTextFile(module);
  const imports = [...text.matchAll(IMPORT)].map(([, specifier]) => specifier!);
  graph.set(
    module.href,
    imports.map((specifier) =>
      specifier.startsWith(".") ? new URL(specifier, module).href : specifier
    ),
  );
}

for await (
  const { name, isDirectory } of Deno.readDir(new URL("../", folder))
) {
  if (!isDirectory) continue;
  for await (const file of Deno.readDir(new URL(`../${name}/`, folder))) {
    if (/(?<!_test)\.ts$/.test(file.name)) {
      await read(new URL(`../${name}/${file.name}`, folder));
    }
  }
}

/** Everything that a module imports, directly or not. */
function reachable(module: string, found = new Set<string>()): Set<string> {
  for (const imported of graph.get(module) ?? []) {
    if (found.has(imported)) continue;
    found.add(imported);
    reachable(imported, found);
  }
  return found;
}

const shared = (name: string) => new URL(name, folder).href;

const shortNames = (modules: Iterable<string>) =>
  [...modules].filter((module) => module.startsWith(folder.href))
    .map((module) => module.slice(folder.href.length)).sort();

Deno.test("the module graph is complete", () => {
  assert(graph.size > 25, `${graph.size} modules`);
  for (const imports of graph.values()) {
    for (const imported of imports) {
      assert(!imported.startsWith("file:") || graph.has(imported), imported);
    }
  }
});

Deno.test("no module is in an import cycle", () => {
  for (const module of graph.keys()) {
    assert(!reachable(module).has(module), module);
  }
});

Deno.test("only endpoints import endpoint.ts", () => {
  const importers = [...graph].filter(([, imports]) =>
    imports.includes(shared("endpoint.ts"))
  ).map(([module]) => module);
  assertEquals(importers.length, 7);
  for (const module of importers) {
    assert(/functions\/[a-z]+\/index\.ts$/.test(module), module);
  }
});

Deno.test("environment, tokens and outcomes know nothing of HTTP", async () => {
  for (
    const name of [
      "configuration.ts",
      "guard_environment.ts",
      "environment.ts",
      "outcomes.ts",
      "uuid.ts",
      "bytes.ts",
      "refresh_token.ts",
      "disavow_token.ts",
      "proof_nonce.ts",
      "access_token.ts",
      "access_token_issuer.ts",
      "security_event.ts",
    ]
  ) {
    for (const module of [shared(name), ...reachable(shared(name))]) {
      if (!module.startsWith("file:")) continue;
      const text = await Deno.readTextFile(new URL(module));
      const code = text.replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, "");
      assert(!/\b(Request|Response|Headers)\b/.test(code), module);
    }
  }
});

Deno.test("an app's guard imports neither cookies nor the issuing of tokens", () => {
  assertEquals(shortNames(reachable(shared("require_session.ts"))), [
    "access_token.ts",
    "caller.ts",
    "configuration.ts",
    "credentials.ts",
    "database.ts",
    "database.types.ts",
    "database_clock.ts",
    "guard_environment.ts",
    "log.ts",
    "misconfiguration.ts",
    "outcomes.ts",
    "response.ts",
    "uuid.ts",
    "verification_keys.ts",
  ]);
  const guarded = reachable(shared("require_session.ts"));
  assert(!guarded.has("valibot"));
});
