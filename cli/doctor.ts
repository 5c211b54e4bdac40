/**
 * `supabase-latchkey doctor`: explains in plain sentences what is wrong with a
 * token, and what to do. It changes nothing and never prints the token.
 *
 * @module
 */
import type { JWK } from "jose";
import { readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { text as textOf } from "node:stream/consumers";
import { ConfigurationError } from "../supabase/functions/_latchkey/configuration.ts";
import { parseKeyRing } from "../supabase/functions/_latchkey/environment.ts";
import { examineAccessToken, type Project } from "./doctor/access_token.ts";
import {
  type Diagnosis,
  type Finding,
  list,
  skipped,
} from "./doctor/finding.ts";
import { examineForeignToken } from "./doctor/foreign_token.ts";
import { examineInstallation } from "./doctor/installation.ts";
import { examineRefreshToken, type Ring } from "./doctor/refresh_token.ts";
import { examineSession, readSession, type Session } from "./doctor/session.ts";
import { ENV_FILE, readEnvFile } from "./env_file.ts";
import { CommandError, UsageError } from "./errors.ts";
import { parse } from "./flags.ts";
import { findProject, NoProjectError } from "./project.ts";

const LOCAL_URL = "http://127.0.0.1:54321";
/** The most bytes that Linux accepts in one line from a terminal. */
const TERMINAL_LIMIT = 4_095;

const USAGE = `Explains what is wrong with an access token or a refresh token.

Usage: supabase-latchkey doctor [flags]            ask for the token
       … | supabase-latchkey doctor [flags]        read the token, or a session as
                                                   JSON, from standard input

A terminal passes at most ${
  TERMINAL_LIMIT.toLocaleString("en")
} characters per line. Pipe a longer token or a
session, as in \`supabase-latchkey doctor < session.json\`. The token is not an
argument, because arguments are saved in logs and in the shell's history.

  --url URL       check it against this project (default: ${LOCAL_URL}
                  if that answers)
  --jwks FILE     check it against the keys in this file, without a request
  --db-url URL    look up the session in this database (default: the variable
                  DB_URL, which keeps the password out of the process list)
  --key KEY       also check that the project's Data API serves Latchkey, with
                  this publishable key (default: the variable PUBLISHABLE_KEY)
  --project DIR   the project's folder (default: the nearest one)
  --help          show this text

A refresh token is checked with LATCHKEY_REFRESH_TOKEN_KEYS from the environment
or from supabase/functions/.env.

Exit code: 0 everything was checked and nothing is wrong, 1 something is wrong,
2 the doctor cannot tell, or could not check everything.`;

const DEADLINE_MILLISECONDS = 5_000;

/** Something is missing or wrong, so the doctor cannot answer. */
export class CannotTell extends CommandError {
  override name = "CannotTell";

  constructor(message: string) {
    super(message, 2);
  }
}

/** The data that tokens are compared with. */
export interface Surroundings {
  project: Project;
  ring?: Ring;
  /** Looks up a session. Absent if there is no database. */
  session?: (id: string) => Promise<Session | null>;
}

/**
 * Finds out which kind of token a text is and what is wrong with it.
 *
 * @param text A token, or a session as JSON.
 * @returns One diagnosis per token.
 * @throws {CannotTell} The text is JSON without a token.
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
      "Whether the session is active was not checked: set DB_URL to the " +
        "connection string of role postgres.",
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
    // Not the parser's message, because it quotes the text, which contains
    // tokens.
    throw new CannotTell(
      "The input begins like JSON, but is not valid JSON. Check that all of it " +
        "was copied, and pipe it, because a terminal passes one line only.",
    );
  }
  const tokens = [session.access_token, session.refresh_token]
    .filter((token): token is string =>
      typeof token === "string" && token !== ""
    );
  if (tokens.length === 0) {
    throw new CannotTell(
      "The JSON has neither access_token nor refresh_token. Check whether it " +
        "is the response of a failed request.",
    );
  }
  return tokens.map(bare);
}

/**
 * Removes what people often copy with a token: quotes, spaces, the name of a
 * header.
 */
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
      "Realtime requires role and exp; the Data API a role that the database " +
      "has; Supabase Auth sub, aud and an active session; Latchkey all of these " +
      "and session_id.",
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

/**
 * 0: everything was checked and is correct. 1: something is wrong. 2: not
 * everything was checked.
 */
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

/** The project's URL, without the path of Supabase Auth. */
function projectUrl(url: string | undefined): string | undefined {
  const base = url?.replace(/\/+$/, "").replace(/\/auth\/v1$/, "");
  if (base !== undefined && !/^https?:\/\//.test(base)) {
    throw new CannotTell("--url takes the URL of a project: https://…");
  }
  return base;
}

async function findProjectKeys(
  url: string | undefined,
  jwksFile: string | undefined,
): Promise<Project> {
  const base = projectUrl(url);
  if (jwksFile !== undefined) {
    const keys = keysOf(readFile(jwksFile));
    if (!keys) {
      throw new CannotTell(`${jwksFile} is not a JWK set. Check --jwks.`);
    }
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
    // The local stack is only the default, so it does not have to run.
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
    throw new CannotTell(`${address} does not answer. Check --url.`);
  }
  if (!keys) {
    throw new CannotTell(`${address} did not return a JWK set. Check --url.`);
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

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new CannotTell(`Cannot read ${path}. Check --jwks.`);
  }
}

function findRing(project: string | undefined): Ring | undefined {
  const name = "LATCHKEY_REFRESH_TOKEN_KEYS";
  const inEnvironment = process.env[name];
  const text = inEnvironment ||
    (project && readEnvFile(join(project, ENV_FILE))[name]);
  if (!text) return undefined;
  return {
    keys: parseKeyRing(text),
    source: inEnvironment ? "the environment" : ENV_FILE,
  };
}

/** The project, or undefined: a token can be examined without one. */
function findAnyProject(named: string | undefined): string | undefined {
  try {
    return findProject(named);
  } catch (error) {
    if (named === undefined && error instanceof NoProjectError) {
      return undefined;
    }
    throw error;
  }
}

function sessionReader(databaseUrl: string | undefined) {
  if (!databaseUrl) return undefined;
  return async (id: string) => {
    try {
      return await readSession(databaseUrl, id);
    } catch (error) {
      // Not the error's message, because it may quote the connection string.
      const code = (error as { code?: string }).code;
      if (code === "3F000" || code === "42P01") {
        throw new CannotTell(
          "The database of --db-url or DB_URL has no Latchkey. Apply its " +
            "migration with supabase db push.",
        );
      }
      throw new CannotTell(
        `Cannot query the database of --db-url or DB_URL${
          code ? ` (${code})` : ""
        }. Check the URL, that it is of role postgres, and that Latchkey's ` +
          "migration was applied.",
      );
    }
  };
}

/** Reads one line from a terminal, or everything that is piped in. */
async function readStandardInput(): Promise<string> {
  if (!process.stdin.isTTY) return await textOf(process.stdin);
  console.error("Paste the token and press Enter:");
  const buffer = new Uint8Array(16 * 1024);
  const length = readSync(0, buffer);
  if (length > TERMINAL_LIMIT) {
    throw new CannotTell(
      "The terminal cut off the text. Pipe it, as in " +
        '"npx supabase-latchkey doctor < token.txt".',
    );
  }
  return new TextDecoder().decode(buffer.subarray(0, length));
}

function parseOptions(args: string[]) {
  try {
    return parse({
      args,
      allowPositionals: true,
      options: {
        url: { type: "string" },
        jwks: { type: "string" },
        "db-url": { type: "string" },
        key: { type: "string" },
        project: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    // Not the parser's error, because it quotes the argument, which may be a
    // token.
    if (error instanceof UsageError) {
      throw new UsageError(`An argument is unknown.\n\n${USAGE}`);
    }
    throw error;
  }
}

/**
 * Runs the command.
 *
 * @returns The exit code, see {@link exitCode}.
 * @throws {CannotTell} Something that it needs is missing or wrong.
 */
export async function doctor(args: string[]): Promise<number> {
  const { values, positionals } = parseOptions(args);
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (positionals.length > 0) {
    throw new CannotTell(
      "The token is read from standard input. Run the command without an " +
        "argument and paste the token, or pipe it. The argument was not read. " +
        "It may be in logs and in the shell's history now: if it is a token, " +
        "end its session.",
    );
  }
  const surroundings: Surroundings = {
    project: await findProjectKeys(values.url, values.jwks),
    ring: orCannotTell(() => findRing(findAnyProject(values.project))),
    session: sessionReader(values["db-url"] ?? process.env.DB_URL),
  };
  const text = await readStandardInput();
  if (text.trim() === "") {
    throw new CannotTell(`The input is empty.\n\n${USAGE}`);
  }
  const diagnoses = await examine(text, surroundings);
  const publishableKey = values.key ?? process.env.PUBLISHABLE_KEY;
  if (publishableKey) {
    diagnoses.push(
      await examineInstallation(
        projectUrl(values.url) ?? LOCAL_URL,
        publishableKey,
      ),
    );
  }
  console.log(diagnoses.map(report).join("\n\n"));
  return exitCode(diagnoses);
}

function orCannotTell<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigurationError) {
      throw new CannotTell(error.message);
    }
    throw error;
  }
}
