/** The reference pages name every setting, variable, code, flag and test there is. */
import { assert, assertEquals } from "@std/assert";
import { existsSync } from "node:fs";
import { Refusal } from "../../supabase/functions/_latchkey/outcomes.ts";
import { toResponse } from "../../supabase/functions/_latchkey/response.ts";
import { stack, withDatabase } from "../harness.ts";
import { openapi } from "../openapi.ts";
import { namesInTables, page, root, tokensOf } from "./pages.ts";

Deno.test("docs: configuration.md has every setting with its default", async () => {
  const documented = new Map(
    tokensOf(page("docs/configuration.md"), "table")
      .filter(({ header }) => header[0]!.text === "Setting")
      .flatMap(({ rows }) => rows)
      .map(([name, value]) => [bare(name!.text), bare(value!.text)]),
  );
  await withDatabase(stack.dbUrl, async (sql) => {
    const settings = await sql`
      select column_name as name, column_default as value,
        format('%I.%I', udt_schema, udt_name) as type
      from information_schema.columns
      where table_schema = 'latchkey' and table_name = 'settings'
        and column_name <> 'singleton'
      order by column_name`;
    assertEquals(
      [...documented.keys()].sort(),
      settings.map(({ name }) => name),
    );
    for (const { name, value, type } of settings) {
      const text = documented.get(name)!;
      if (value === null) {
        assertEquals(text, "null", name);
        continue;
      }
      const [same] = await sql.unsafe(
        `select $1::${type} = ${value} as "default", ${value} as value`,
        [text],
      );
      assert(same!.default, `${name}: the default is ${same!.value}`);
    }
  });
});

Deno.test("docs: configuration.md has every variable", async () => {
  const documented = namesInTables(page("docs/configuration.md"))
    .filter((name) => name.startsWith("LATCHKEY_"));
  const read = new Set<string>();
  for (
    const folder of [
      "bench",
      "cli",
      "client",
      "scripts",
      "server",
      "stack",
      "supabase/functions",
      "tests",
    ]
  ) {
    for (const path of sources(folder)) {
      const text = await Deno.readTextFile(path);
      for (const [, name] of text.matchAll(/["'`](LATCHKEY_[A-Z_]+)["'`]/g)) {
        read.add(name!);
      }
    }
  }
  assertEquals(documented.sort(), [...read].sort());
});

Deno.test("docs: errors.md has every code with its status and error", async () => {
  const codes = await registeredCodes();
  const rows = tokensOf(page("docs/errors.md"), "table")[0]!.rows;
  const documented = rows.map(([code, answer]) => [
    bare(code!.text),
    ...answer!.text.match(/^(\d{3}) `(\w+)`/)!.slice(1),
  ]);
  const actual = await Promise.all(codes.map(async (code) => {
    const response = toResponse(new Refusal(code));
    const { error } = await response.json();
    return [code, `${response.status}`, error];
  }));
  assertEquals(documented.sort(), actual.sort());
});

Deno.test("docs: http-api.md has every endpoint of openapi.yaml", () => {
  const endpoints = Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
  );
  const documented = namesInTables(page("docs/http-api.md"))
    .map((name) => name.split("?")[0]!);
  assertEquals([...new Set(documented)].sort(), endpoints.sort());
});

Deno.test("docs: openapi.yaml has every code", async () => {
  const text = JSON.stringify(
    openapi,
    (key, value) => key === "code" ? { ...value, isCode: true } : value,
  );
  const described = new Set<string>();
  for (
    const [, list] of text.matchAll(/\{"enum":\[([^\]]+)\],"isCode":true/g)
  ) {
    for (const code of JSON.parse(`[${list}]`)) described.add(code);
  }
  for (const [, code] of text.matchAll(/\{"const":"(\w+)","isCode":true/g)) {
    described.add(code!);
  }
  assertEquals([...described].sort(), (await registeredCodes()).sort());
});

Deno.test("docs: local-stack.md has every flag of start", async () => {
  const flags = namesInTables(page("docs/local-stack.md"))
    .filter((name) => name.startsWith("--"));
  assertEquals(flags.map(flagName).sort(), await flagsOf("cli/start.ts"));
});

for (
  const command of ["init", "update", "remove", "deploy", "keys", "doctor"]
) {
  Deno.test(`docs: commands.md has every flag of ${command}`, async () => {
    const { text } = page("docs/commands.md");
    const [, section] = text.split(`\n## \`${command}\`\n`);
    const flags = section!.split("\n## ")[0]!.matchAll(/^\| `(--[^`]+)`/gm);
    assertEquals(
      [...new Set([...flags].map(([, flag]) => flagName(flag!)))].sort(),
      await flagsOf("cli/main.ts", command),
    );
  });
}

function flagName(flag: string): string {
  return flag.split(/[ =]/)[0]!;
}

/** The flags that a command's help lists, besides --help. */
async function flagsOf(...command: string[]): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...command, "--help"],
    cwd: root,
  }).output();
  const flags = new TextDecoder().decode(stdout).matchAll(/^ +(--[a-z-]+)/gm);
  return [...new Set([...flags].map(([, flag]) => flag!))]
    .filter((flag) => flag !== "--help").sort();
}

Deno.test("docs: the figures of cost.md are those of BENCHMARKS.md", async () => {
  const benchmarks = await Deno.readTextFile(`${root}/BENCHMARKS.md`);
  const [, inShort] = page("docs/cost.md").text.split("## In short\n");
  const figures = inShort!.split("\n![")[0]!.replaceAll(/\bv\d\b/g, "")
    .match(/\d[\d,.]*\d|\d/g)!;
  const missing = figures.filter((figure) =>
    !new RegExp(`(?<![\\d.,])${RegExp.escape(figure)}(?![\\d,]|\\.\\d)`)
      .test(benchmarks)
  );
  assertEquals(missing, []);
});

Deno.test("docs: every test that asvs-5.0.md names exists", async () => {
  const missing: string[] = [];
  for (
    const { header, rows } of tokensOf(
      page("docs/compliance/asvs-5.0.md"),
      "table",
    )
  ) {
    assertEquals(header.at(-1)!.text, "Shown by");
    for (const cells of rows) {
      for (const name of await missingTests(cells.at(-1)!.text)) {
        missing.push(`${cells[0]!.text}: ${name}`);
      }
    }
  }
  assertEquals(missing, []);
});

/** The named tests that do not exist, in text such as `a_test.ts`: "b", `c/d`. */
async function missingTests(text: string): Promise<string[]> {
  const missing: string[] = [];
  let files: string[] = [];
  for (const [, name, title] of text.matchAll(/`([^`]+)`|"([^"]+)"/g)) {
    if (name?.endsWith("_test.ts")) {
      files = testFiles.filter((path) => path.endsWith(`/${name}`));
      if (files.length === 0) missing.push(name);
    } else if (name?.includes("/")) {
      const path = `${root}/supabase/tests/${name.replace(/\/\*$/, "")}`;
      if (!existsSync(path) && !existsSync(`${path}.test.sql`)) {
        missing.push(name);
      }
    } else if (title) {
      const texts = await Promise.all(
        files.map((path) => Deno.readTextFile(path)),
      );
      const parts = title.split("…").map((part) => part.trim());
      if (!texts.some((text) => parts.every((part) => text.includes(part)))) {
        missing.push(title);
      }
    }
  }
  return missing;
}

const testFiles = ["client", "supabase/functions", "tests"].flatMap(sources);

function sources(folder: string): string[] {
  return [...Deno.readDirSync(`${root}/${folder}`)].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return sources(path);
    return path.endsWith(".ts") ? [`${root}/${path}`] : [];
  });
}

/** Without the marks of Markdown. */
function bare(text: string): string {
  return text.replaceAll("`", "");
}

async function registeredCodes(): Promise<Refusal["code"][]> {
  const path = `${root}/supabase/functions/_latchkey/response.ts`;
  const text = await Deno.readTextFile(path);
  return [...text.matchAll(/^ {2}([a-z_]+): \[/gm)]
    .map(([, code]) => code as Refusal["code"]);
}
