/**
 * `deno task doctor`: says in plain sentences what is wrong with a token, and
 * what to do about it. It changes nothing and never prints the token.
 *
 * @module
 */
import { join } from "@std/path";
import { parseArgs } from "node:util";
import type { JWK } from "jose";
import {
  ConfigurationError,
  parseKeyRing,
} from "../supabase/functions/_latchkey/environment.ts";
import { examineAccessToken, type Project } from "./doctor/access_token.ts";
import {
  type Diagnosis,
  type Finding,
  list,
  skipped,
} from "./doctor/finding.ts";
import { examineForeignToken } from "./doctor/foreign_token.ts";
import { examineRefreshToken, type Ring } from "./doctor/refresh_token.ts";
import { examineSession, readSession, type Session } from "./doctor/session.ts";
import {
  ENV_FILE,
  findProjectFolder,
  NoProjectError,
  readEnvFile,
} from "./env_file.ts";

const LOCAL_URL = "http://127.0.0.1:54321";
/** What Linux takes as one line from a terminal. */
const TERMINAL_LIMIT = 4_095;

const USAGE = `Says what is wrong with an access token or a refresh token.

  deno task doctor             ask for the token
  … | deno task doctor         read the token, or a session as JSON (access_token
                               and refresh_token), from standard input

A terminal takes no more than ${
  TERMINAL_LIMIT.toLocaleString("en")
} characters at a paste: pipe a longer token,
and a session, as in \`deno task doctor < session.json\`. There is no argument
for the token, because arguments end up in logs and in the shell's history.

  --url URL        check it against this project (default: ${LOCAL_URL}
                   where that answers)
  --jwks FILE      check it against the keys in this file, asking nobody
  --db-url URL     ask this database about the session (default:
                   the variable DB_URL, which keeps its password off the screen)
  --project DIR    look for supabase/functions/.env in this folder

A refresh token is checked with LATCHKEY_REFRESH_TOKEN_KEYS out of the environment
or out of supabase/functions/.env.

Exit code: 0 all was checked and nothing is wrong, 1 something is wrong,
2 cannot tell, or not all could be checked.`;

const DEADLINE_MILLISECONDS = 5_000;

/** The command line, a file or a server keeps the doctor from telling. */
export class CannotTell extends Error {
  override name = "CannotTell";
}

/** What the doctor compares tokens with. */
export interface Surroundings {
  project: Project;
  ring?: Ring;
  /** Asks the database about a session; absent where there is none to ask. */
  session?: (id: string) => Promise<Session | null>;
}

/**
 * Finds out what a text is and what is wrong with it.
 *
 * @param text A token, or a session as JSON.
 * @returns One diagnosis per token.
 * @throws {CannotTell} It is JSON without a token in it.
 */
export async function examine(
  text: string,
  surroundings: Surroundings,
): Promise<Diagnosis[]> {
  const diagnoses: Diagnosis[] = [];
  for (const token of tokensIn(text)) {
    diagnoses.push(await examineToken(token, surroundings));
  }
  return diagnoses;
}

async function examineToken(
  token: string,
  { project, ring, session }: Surroundings,
): Promise<Diagnosis> {
  const diagnosis = token.startsWith("lkr_")
    ? examineRefreshToken(token, ring)
    : token.includes(".")
    ? await examineAccessToken(token, project)
    : await examineForeignToken(token);
  const { sessionId, generation, findings } = diagnosis;
  if (sessionId && session) {
    findings.push(...examineSession(await session(sessionId), generation));
  } else if (sessionId) {
    findings.push(skipped(
      "Whether the session stands was not asked: set DB_URL to the connection " +
        "string of role postgres.",
    ));
  }
  return diagnosis;
}

/** The access token and the refresh token of a session, or the one token. */
function tokensIn(text: string): string[] {
  if (!text.trimStart().startsWith("{")) return [bare(text)];
  let session: Record<string, unknown>;
  try {
    session = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which holds tokens.
    throw new CannotTell(
      "What came begins like JSON and is none: look whether all of it was " +
        "copied, and pipe it (a terminal takes one line only).",
    );
  }
  const tokens = [session.access_token, session.refresh_token]
    .filter((token): token is string =>
      typeof token === "string" && token !== ""
    );
  if (tokens.length === 0) {
    throw new CannotTell(
      "The JSON that came has neither access_token nor refresh_token: look " +
        "whether it is the answer to a request that failed.",
    );
  }
  return tokens.map(bare);
}

/** As people copy tokens: with quotes, spaces, or out of a header. */
function bare(text: string): string {
  return text.trim()
    .replace(/^authorization:\s*/i, "")
    .replace(/^bearer\s+/i, "")
    .replace(/^(["'`])(.*)\1$/, "$2");
}

/** The diagnosis as text for a terminal. */
export function report({ subject, findings }: Diagnosis): string {
  const unchecked = findings.filter(({ level }) => level === "skipped");
  const lines = findings.filter((finding) => !unchecked.includes(finding))
    .map(({ level, text }) => wrap(`${level.padEnd(7)}${text}`, 80, "       "));
  return [
    `${subject}.`,
    ...lines.length > 0 ? ["", ...lines] : [],
    ...verdict(findings).flatMap((text) => ["", wrap(text, 80, "")]),
    ...unchecked.length > 0 ? ["", "Not checked:"] : [],
    ...unchecked.map(({ text }) => wrap(`- ${text}`, 80, "  ")),
  ].join("\n");
}

function verdict(findings: Finding[]): string[] {
  const refusedBy = new Set(findings.flatMap((f) => f.refusedBy ?? []));
  if (refusedBy.size > 0) {
    return [
      `Refused by ${list(refusedBy)}.`,
      "Realtime asks for role and exp; the Data API for a role that the " +
      "database has; Supabase Auth for sub, aud and a session that stands; " +
      "Latchkey for all of these and session_id.",
    ];
  }
  const levels = new Set(findings.map(({ level }) => level));
  if (levels.has("wrong")) return [];
  return [
    levels.has("skipped")
      ? "Nothing wrong in what was checked."
      : "Nothing wrong was found.",
  ];
}

/** 0 all was checked and is well, 1 something is wrong, 2 not all was checked. */
export function exitCode(diagnoses: Diagnosis[]): 0 | 1 | 2 {
  const levels = new Set(
    diagnoses.flatMap(({ findings }) => findings.map(({ level }) => level)),
  );
  return levels.has("wrong") ? 1 : levels.has("skipped") ? 2 : 0;
}

function wrap(text: string, width: number, indent: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line.trim() && line.length + 1 + word.length > width) {
      lines.push(indent + word);
    } else {
      lines[lines.length - 1] = line === "" && lines.length === 1
        ? word
        : `${line} ${word}`;
    }
  }
  return lines.join("\n");
}

async function findProject(
  url: string | undefined,
  jwksFile: string | undefined,
): Promise<Project> {
  const base = url?.replace(/\/+$/, "").replace(/\/auth\/v1$/, "");
  if (base !== undefined && !/^https?:\/\//.test(base)) {
    throw new CannotTell("--url takes the URL of a project: https://…");
  }
  if (jwksFile !== undefined) {
    const keys = keysOf(await readFile(jwksFile));
    if (!keys) throw new CannotTell(`${jwksFile} holds no JWK set.`);
    return { url: base, named: true, keys };
  }
  const named = base !== undefined;
  try {
    return {
      url: base ?? LOCAL_URL,
      named,
      keys: await fetchKeys(base ?? LOCAL_URL),
    };
  } catch (error) {
    // Nobody asked for the local stack, so it need not be there.
    if (!named) return { named };
    throw error;
  }
}

async function fetchKeys(url: string): Promise<JWK[]> {
  const address = `${url}/auth/v1/.well-known/jwks.json`;
  let keys: JWK[] | undefined;
  try {
    const response = await fetch(address, {
      signal: AbortSignal.timeout(DEADLINE_MILLISECONDS),
    });
    keys = keysOf(await response.text());
  } catch {
    throw new CannotTell(`${address} does not answer: check --url.`);
  }
  if (!keys) {
    throw new CannotTell(`${address} answers no JWK set: check --url.`);
  }
  return keys;
}

/** A JWK set, or an array of keys as in supabase/signing_keys.json. */
function keysOf(text: string): JWK[] | undefined {
  try {
    const value = JSON.parse(text);
    const keys = Array.isArray(value) ? value : value?.keys;
    return Array.isArray(keys) ? keys : undefined;
  } catch {
    return undefined;
  }
}

async function readFile(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    throw new CannotTell(`Cannot read ${path}: check --jwks.`);
  }
}

async function findRing(project: string): Promise<Ring | undefined> {
  const name = "LATCHKEY_REFRESH_TOKEN_KEYS";
  const path = join(project, ENV_FILE);
  const inEnvironment = Deno.env.get(name);
  const text = inEnvironment || (await readEnvFile(path))[name];
  if (!text) return undefined;
  return {
    keys: parseKeyRing(text),
    source: inEnvironment ? "the environment" : ENV_FILE,
  };
}

function sessionReader(databaseUrl: string | undefined) {
  if (!databaseUrl) return undefined;
  return async (id: string) => {
    try {
      return await readSession(databaseUrl, id);
    } catch (error) {
      // The message could quote the connection string.
      const code = (error as { code?: string }).code;
      throw new CannotTell(
        `The database of --db-url or DB_URL cannot be asked${
          code ? ` (${code})` : ""
        }: check the URL, that it is of role postgres, and that Latchkey's migrations were applied.`,
      );
    }
  };
}

/** Reads one line from a terminal, or all that is piped in. */
async function readStandardInput(): Promise<string> {
  if (!Deno.stdin.isTerminal()) {
    return await new Response(Deno.stdin.readable).text();
  }
  console.error("Paste the token and press Enter:");
  const buffer = new Uint8Array(16 * 1024);
  const length = await Deno.stdin.read(buffer) ?? 0;
  if (length > TERMINAL_LIMIT) {
    throw new CannotTell(
      "The terminal has cut off what was pasted: pipe it, as in " +
        '"deno task doctor < token.txt".',
    );
  }
  return new TextDecoder().decode(buffer.subarray(0, length));
}

/** @returns The exit code, as {@link exitCode} says. */
async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      url: { type: "string" },
      jwks: { type: "string" },
      "db-url": { type: "string" },
      project: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (positionals.length > 0) {
    throw new CannotTell(
      "The token goes to standard input: run this without an argument and " +
        "paste it, or pipe it. What was given as an argument was not looked " +
        "at; it may be in logs and in the shell's history now, so end its " +
        "session if it is a token.",
    );
  }
  const surroundings: Surroundings = {
    project: await findProject(values.url, values.jwks),
    ring: await findRing(await findProjectFolder(values.project)),
    session: sessionReader(values["db-url"] ?? Deno.env.get("DB_URL")),
  };
  const text = await readStandardInput();
  if (text.trim() === "") throw new CannotTell(`No token came.\n\n${USAGE}`);
  const diagnoses = await examine(text, surroundings);
  console.log(diagnoses.map(report).join("\n\n"));
  return exitCode(diagnoses);
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    const isUsage = error instanceof TypeError &&
      String((error as { code?: string }).code).startsWith("ERR_PARSE_ARGS");
    if (
      !isUsage &&
      !(error instanceof CannotTell || error instanceof ConfigurationError ||
        error instanceof NoProjectError)
    ) throw error;
    // parseArgs quotes an argument that it does not know: it may be a token.
    console.error(
      isUsage ? `An argument is not known.\n\n${USAGE}` : error.message,
    );
    Deno.exitCode = 2;
  }
}
