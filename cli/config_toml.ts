/**
 * Edits supabase/config.toml and keeps its comments, order and formatting. A
 * TOML parser finds the positions of the values. The rest of the text stays
 * unchanged.
 *
 * @module
 */
import { type AST, getStaticTOMLValue, parseTOML } from "toml-eslint-parser";
import { CommandError } from "./errors.ts";

/** The Supabase CLI's default for `[api] schemas`. */
const DEFAULT_SCHEMAS = ["public", "graphql_public"];

/** The values that the commands read from config.toml. */
export interface Config {
  api?: { enabled?: boolean; schemas?: string[] };
  auth?: { signing_keys_path?: string };
  db?: { migrations?: { schema_paths?: string[] } };
  functions?: Record<string, { verify_jwt?: boolean }>;
  remotes?: Record<string, { api?: { schemas?: string[] } }>;
}

/**
 * Reads config.toml.
 *
 * @throws {CommandError} The file is not valid TOML. The message names the
 * line.
 */
export function readConfig(text: string): Config {
  return getStaticTOMLValue(parse(text)) as Config;
}

/**
 * Adds a schema to `[api] schemas`, so that the Data API serves it.
 *
 * @throws {CommandError} The file is written in a way that cannot be edited.
 */
export function exposeSchema(text: string, schema: string): string {
  const { api } = readConfig(text);
  if (api?.schemas?.includes(schema)) return text;
  const schemas = [...api?.schemas ?? DEFAULT_SCHEMAS, schema];
  return verified(
    api?.schemas
      ? withElement(text, schemasArray(text), schema)
      : withSchemas(text, schemas),
    (config) => String(config.api?.schemas) === String(schemas),
    `Add "${schema}" to schemas under [api]`,
  );
}

/** Removes a schema from `[api] schemas`. */
export function hideSchema(text: string, schema: string): string {
  const { api } = readConfig(text);
  if (!api?.schemas?.includes(schema)) return text;
  const { elements } = schemasArray(text);
  const at = elements.findIndex((element) =>
    element.type === "TOMLValue" && element.value === schema
  );
  const element = elements[at]!;
  const [start, end] = ownLine(text, element.range) ??
    withComma(elements, at);
  return verified(
    text.slice(0, start) + text.slice(end),
    (config) => !config.api?.schemas?.includes(schema),
    `Remove "${schema}" from schemas under [api]`,
  );
}

/** The line of an element, if nothing else is on that line. */
function ownLine(
  text: string,
  [from, to]: AST.Range,
): AST.Range | undefined {
  const start = text.lastIndexOf("\n", from) + 1;
  const end = text.indexOf("\n", to) + 1;
  const rest = text.slice(start, from) + text.slice(to, end);
  return end > 0 && /^\s*,?\s*$/.test(rest) ? [start, end] : undefined;
}

/** An element and the comma that separates it from another one. */
function withComma(elements: AST.TOMLArray["elements"], at: number): AST.Range {
  const [from, to] = elements[at]!.range;
  const previous = elements[at - 1];
  const next = elements[at + 1];
  return [
    previous ? previous.range[1] : from,
    previous || !next ? to : next.range[0],
  ];
}

/**
 * The blocks `[functions.<name>]` of a config.toml, with the comments in them.
 */
export function functionBlocks(text: string): Map<string, string> {
  return new Map(
    functionTables(text).map(({ name, start, end }) => [
      name,
      text.slice(start, end) + "\n",
    ]),
  );
}

/**
 * Adds the blocks of functions that the text does not have yet, at its end.
 *
 * @param blocks Text of each block, by the function's name.
 * @throws {CommandError} The file is written in a way that cannot be edited.
 */
export function addFunctions(
  text: string,
  blocks: Map<string, string>,
): string {
  const { functions = {} } = readConfig(text);
  const missing = [...blocks].filter(([name]) => !(name in functions));
  if (missing.length === 0) return text;
  return verified(
    [text.trimEnd(), ...missing.map(([, block]) => block.trimEnd())]
      .join("\n\n").trimStart() + "\n",
    (config) => missing.every(([name]) => name in (config.functions ?? {})),
    `Add [functions.<name>] with verify_jwt = false for each of ${
      missing.map(([name]) => name).join(", ")
    }`,
  );
}

/** Removes the blocks of some functions. */
export function removeFunctions(text: string, names: string[]): string {
  const { functions = {} } = readConfig(text);
  const present = names.filter((name) => name in functions);
  if (present.length === 0) return text;
  let result = text;
  for (const table of functionTables(text).reverse()) {
    if (!present.includes(table.name)) continue;
    const before = result.slice(0, table.start).trimEnd();
    result = (before + result.slice(table.end)).trimStart();
  }
  return verified(
    result,
    (config) => present.every((name) => !(name in (config.functions ?? {}))),
    `Remove the settings of the functions ${present.join(", ")}`,
  );
}

/** The block of a function under another name. */
export function renameBlock(block: string, from: string, to: string): string {
  return block.replace(`[functions.${from}]`, `[functions.${to}]`);
}

function parse(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text);
  } catch (error) {
    const { message, lineNumber } = error as Error & { lineNumber?: number };
    const reason = message.replace(/\.$/, "");
    throw new CommandError(
      `supabase/config.toml is not valid TOML: line ${lineNumber}: ${reason}. ` +
        "Correct it and run the command again. Nothing was changed.",
    );
  }
}

/**
 * Checks an edit by parsing the result, because there are many ways to write
 * TOML.
 */
function verified(
  text: string,
  isRight: (config: Config) => boolean,
  byHand: string,
): string {
  let right = false;
  try {
    right = isRight(getStaticTOMLValue(parseTOML(text)) as Config);
  } catch {
    // The edit made the file invalid.
  }
  if (right) return text;
  throw new CommandError(
    `supabase/config.toml cannot be edited safely as it is written. ${byHand}, ` +
      "and run the command again. Nothing was changed.",
  );
}

/** A key and value, with the whole path of the key. */
function* keyValues(
  program: AST.TOMLProgram,
): Generator<{ path: string; node: AST.TOMLKeyValue }> {
  for (const node of program.body[0].body) {
    if (node.type === "TOMLKeyValue") yield* nested([], node);
    else for (const pair of node.body) yield* nested(node.resolvedKey, pair);
  }
}

function* nested(
  prefix: (string | number)[],
  node: AST.TOMLKeyValue,
): Generator<{ path: string; node: AST.TOMLKeyValue }> {
  const path = [...prefix, ...getStaticTOMLValue(node.key)];
  yield { path: path.join("."), node };
  if (node.value.type !== "TOMLInlineTable") return;
  for (const pair of node.value.body) yield* nested(path, pair);
}

function schemasArray(text: string): AST.TOMLArray {
  for (const { path, node } of keyValues(parse(text))) {
    if (path === "api.schemas" && node.value.type === "TOMLArray") {
      return node.value;
    }
  }
  throw new CommandError(
    "schemas under [api] in supabase/config.toml is not a list. Correct it and " +
      "run the command again. Nothing was changed.",
  );
}

function withElement(
  text: string,
  { elements, range }: AST.TOMLArray,
  value: string,
): string {
  const quoted = JSON.stringify(value);
  const last = elements.at(-1);
  const close = range[1] - 1;
  if (!last) return splice(text, range[0] + 1, close, quoted);
  const line = text.lastIndexOf("\n", close) + 1;
  if (line <= last.range[1]) {
    return splice(text, last.range[1], last.range[1], `, ${quoted}`);
  }
  // If the closing bracket has its own line, so does every element.
  const indent = text.slice(text.lastIndexOf("\n", last.range[0]) + 1)
    .match(/^[ \t]*/)![0];
  const hasComma = parseTOML(text).tokens.some((token) =>
    token.value === "," && token.range[0] >= last.range[1] &&
    token.range[1] <= close
  );
  const withLine = splice(text, line, line, `${indent}${quoted},\n`);
  return hasComma
    ? withLine
    : splice(withLine, last.range[1], last.range[1], ",");
}

/** For a file without `[api] schemas`, which uses the default. */
function withSchemas(text: string, schemas: string[]): string {
  const list = `schemas = [${
    schemas.map((s) => JSON.stringify(s)).join(", ")
  }]`;
  const [top] = parse(text).body;
  for (const node of top.body) {
    if (node.type === "TOMLTable" && node.resolvedKey.join(".") === "api") {
      const end = text.indexOf("\n", node.key.range[1]);
      return end < 0
        ? `${text}\n${list}\n`
        : splice(text, end + 1, end + 1, `${list}\n`);
    }
    // After `api.port = 1`, a table [api] would define api twice.
    if (
      node.type === "TOMLKeyValue" &&
      getStaticTOMLValue(node.key)[0] === "api" && node.key.keys.length > 1
    ) {
      return splice(text, node.range[0], node.range[0], `api.${list}\n`);
    }
  }
  return `${text.trimEnd()}\n\n[api]\n${list}\n`.trimStart();
}

/**
 * Where the tables `[functions.<name>]` begin, and where the line of their last
 * value ends. What follows, a comment for example, belongs to the next table.
 */
function functionTables(text: string) {
  return parse(text).body[0].body.flatMap((node) => {
    if (node.type !== "TOMLTable" || node.resolvedKey[0] !== "functions") {
      return [];
    }
    if (node.resolvedKey.length < 2) return [];
    const lineEnd = text.indexOf("\n", node.range[1]);
    return [{
      name: String(node.resolvedKey[1]),
      start: node.range[0],
      end: lineEnd < 0 ? text.length : lineEnd,
    }];
  });
}

function splice(text: string, from: number, to: number, insert: string) {
  return text.slice(0, from) + insert + text.slice(to);
}
