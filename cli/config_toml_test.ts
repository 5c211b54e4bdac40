import { assertEquals, assertThrows } from "@std/assert";
import {
  addFunctions,
  exposeSchema,
  functionBlocks,
  hideSchema,
  removeFunctions,
} from "./config_toml.ts";
import { CommandError } from "./errors.ts";

Deno.test("config.toml: exposing a schema keeps everything else", () => {
  const cases: [string, string, string][] = [
    [
      "one line",
      '# api\n[api] # here\nschemas = ["public", "graphql_public"] # two\nport = 1\n',
      '# api\n[api] # here\nschemas = ["public", "graphql_public", "latchkey"] # two\nport = 1\n',
    ],
    [
      "one element per line, comments, no comma at the end",
      '[api]\nschemas = [\n  "public", # one, two\n  "other" # last\n]\n',
      '[api]\nschemas = [\n  "public", # one, two\n  "other", # last\n  "latchkey",\n]\n',
    ],
    [
      "one element per line, comma at the end",
      "[api]\nschemas = [\n\t'public',\n\t'other',\n]\n",
      "[api]\nschemas = [\n\t'public',\n\t'other',\n\t\"latchkey\",\n]\n",
    ],
    [
      "several elements per line",
      '[api]\nschemas = ["public",\n  "other"]\n',
      '[api]\nschemas = ["public",\n  "other", "latchkey"]\n',
    ],
    ["an empty list", "[api]\nschemas = []", '[api]\nschemas = ["latchkey"]'],
    [
      "the default",
      "[api] # here\nport = 1\n",
      '[api] # here\nschemas = ["public", "graphql_public", "latchkey"]\nport = 1\n',
    ],
    [
      "a header at the end of the file",
      "[api]",
      '[api]\nschemas = ["public", "graphql_public", "latchkey"]\n',
    ],
    [
      "dotted keys",
      "api.port = 1\n",
      'api.schemas = ["public", "graphql_public", "latchkey"]\napi.port = 1\n',
    ],
    [
      "an inline table",
      'api = { port = 1, schemas = ["public"] }\n',
      'api = { port = 1, schemas = ["public", "latchkey"] }\n',
    ],
    [
      "no [api]",
      'project_id = "a"\n',
      'project_id = "a"\n\n[api]\nschemas = ["public", "graphql_public", "latchkey"]\n',
    ],
    [
      "an empty file",
      "",
      '[api]\nschemas = ["public", "graphql_public", "latchkey"]\n',
    ],
    [
      "Windows line ends",
      '[api]\r\nschemas = ["public"]\r\n',
      '[api]\r\nschemas = ["public", "latchkey"]\r\n',
    ],
  ];
  for (const [name, before, after] of cases) {
    assertEquals(exposeSchema(before, "latchkey"), after, name);
    assertEquals(exposeSchema(after, "latchkey"), after, `${name}, twice`);
  }
});

Deno.test("config.toml: hiding a schema undoes exposing it", () => {
  for (
    const text of [
      '[api]\nschemas = ["public", "graphql_public"] # two\n',
      '[api]\nschemas = [\n  "public",\n  "other",\n]\n',
      '[api]\nschemas = ["public",\n  "other"]\n',
    ]
  ) {
    assertEquals(hideSchema(exposeSchema(text, "latchkey"), "latchkey"), text);
    assertEquals(hideSchema(text, "latchkey"), text);
  }
  // A comma that exposing added stays, and so does the comment after it.
  const noComma = '[api]\nschemas = [\n  "public" # one\n]\n';
  assertEquals(
    hideSchema(exposeSchema(noComma, "latchkey"), "latchkey"),
    noComma.replace('"public"', '"public",'),
  );
  assertEquals(
    hideSchema('[api]\nschemas = ["latchkey", "public"]\n', "latchkey"),
    '[api]\nschemas = ["public"]\n',
  );
});

Deno.test("config.toml: removing functions undoes adding them", () => {
  const blocks = functionBlocks(
    "# Top.\n\n[functions.a]\n# Why.\nverify_jwt = false\n\n[functions.b]\nverify_jwt = false\n",
  );
  for (
    const text of [
      'project_id = "a"\n',
      "[functions.own] # mine\nverify_jwt = true\n\n# The end.\n",
      "[functions]\nown = { verify_jwt = true }\n",
    ]
  ) {
    const added = addFunctions(text, blocks);
    assertEquals(
      added,
      text +
        "\n[functions.a]\n# Why.\nverify_jwt = false\n\n[functions.b]\nverify_jwt = false\n",
    );
    assertEquals(addFunctions(added, blocks), added);
    assertEquals(removeFunctions(added, ["a", "b"]), text);
    // What was added after ours stays where it is.
    assertEquals(
      removeFunctions(`${added}\n# Next.\n[next]\nx = 1\n`, ["a", "b"]),
      `${text}\n# Next.\n[next]\nx = 1\n`,
    );
  }
});

Deno.test("config.toml: a function that has settings keeps them", () => {
  const blocks = new Map([["a", "[functions.a]\nverify_jwt = false\n"]]);
  for (
    const text of [
      "[functions.a]\nverify_jwt = true\n",
      "functions.a.verify_jwt = true\n",
      "[functions]\na = { verify_jwt = true }\n",
    ]
  ) assertEquals(addFunctions(text, blocks), text);
});

Deno.test("config.toml: what cannot be edited is refused and says what to write", () => {
  const inline = "functions = { own = { verify_jwt = true } }\n";
  assertThrows(
    () =>
      addFunctions(
        inline,
        new Map([["a", "[functions.a]\nverify_jwt = false\n"]]),
      ),
    CommandError,
    "Add [functions.<name>] with verify_jwt = false for each of a,",
  );
  assertThrows(
    () => exposeSchema("api = { port = 1 }\n", "latchkey"),
    CommandError,
    'Add "latchkey" to schemas under [api]',
  );
});

Deno.test("config.toml: invalid TOML is refused with its line", () => {
  assertThrows(
    () => exposeSchema("[api]\nschemas = [\n", "latchkey"),
    CommandError,
    "supabase/config.toml is not valid TOML: line",
  );
});
