/**
 * `deno task doctor`: says in plain sentences what is wrong with a token, and
 * what to do about it. It changes nothing and never prints the token.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { parseArgs } from "node:util";
import type { JWK } from "jose";
import { examineAccessToken, type Project } from "./doctor/access_token.ts";
import { type Diagnosis, list } from "./doctor/finding.ts";
import { examineForeignToken } from "./doctor/foreign_token.ts";
import { examineRefreshToken, type Ring } from "./doctor/refresh_token.ts";
import { examineSession, readSession, type Session } from "./doctor/session.ts";
import { readEnvFile } from "./env_file.ts";
import { KeyRingError, parseKeyRing } from "./key_ring.ts";

const LOCAL_URL = "http://127.0.0.1:54321";

const USAGE = `Says what is wrong with an access token or a refresh token.

  deno task doctor           read the token from standard input
  deno task doctor <token>   better not: the token stays in the shell's history,
                             and deno shows the command that it runs

  --url URL        check it against this project (default: ${LOCAL_URL}
                   where that answers)
  --jwks FILE      check it against the keys in this file, asking nobody
  --db-url URL     ask this database about the session (default:
                   the variable DB_URL, which keeps its password off the screen)

A refresh token is checked with LATCHKEY_REFRESH_TOKEN_KEYS out of the environment
or out of supabase/functions/.env.

Exit code: 0 nothing wrong, 1 something wrong, 2 cannot tell.`;

const ENV_FILE = "supabase/functions/.env";
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

/** Finds out what a text is and what is wrong with it. */
export async function examine(
  text: string,
  { project, ring, session }: Surroundings,
): Promise<Diagnosis> {
  const token = bare(text);
  const diagnosis = token.startsWith("lkr_")
    ? await examineRefreshToken(token, ring)
    : token.includes(".")
    ? await examineAccessToken(token, project)
    : await examineForeignToken(token);
  if (session && diagnosis.sessionId) {
    const found = examineSession(
      await session(diagnosis.sessionId),
      diagnosis.generation,
    );
    diagnosis.findings.push(...found);
  }
  return diagnosis;
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
  const lines = findings.map(({ level, text }) =>
    wrap(`${level.padEnd(7)}${text}`, 80, "       ")
  );
  const refusedBy = new Set(findings.flatMap((f) => f.refusedBy ?? []));
  const verdict = refusedBy.size > 0
    ? [
      `Refused by ${list(refusedBy)}.`,
      "Realtime asks for role and exp; the Data API for a role that the " +
      "database has; Supabase Auth for sub, aud and a session that stands; " +
      "Latchkey for all of these and session_id.",
    ]
    : findings.some(({ level }) => level === "wrong")
    ? []
    : ["Nothing wrong was found."];
  return [
    `${subject}.`,
    "",
    ...lines,
    ...verdict.flatMap((text) => ["", wrap(text, 80, "")]),
  ].join("\n");
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

async function findRing(): Promise<Ring | undefined> {
  const name = "LATCHKEY_REFRESH_TOKEN_KEYS";
  const path = fromFileUrl(new URL(`../${ENV_FILE}`, import.meta.url));
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
  return new TextDecoder().decode(buffer.subarray(0, length));
}

/** @returns The exit code: 0 nothing wrong, 1 something wrong. */
async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      url: { type: "string" },
      jwks: { type: "string" },
      "db-url": { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (positionals.length > 1) throw new CannotTell("Pass one token.");
  const surroundings: Surroundings = {
    project: await findProject(values.url, values.jwks),
    ring: await findRing(),
    session: sessionReader(values["db-url"] ?? Deno.env.get("DB_URL")),
  };
  const token = positionals[0] ?? await readStandardInput();
  if (token.trim() === "") throw new CannotTell(`No token came.\n\n${USAGE}`);
  const diagnosis = await examine(token, surroundings);
  console.log(report(diagnosis));
  if (positionals.length > 0) {
    console.error(
      "\nThe token now stands in your shell's history. Next time pass it on " +
        "standard input: run this without an argument and paste it.",
    );
  }
  return diagnosis.findings.some(({ level }) => level === "wrong") ? 1 : 0;
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    const isUsage = error instanceof TypeError &&
      String((error as { code?: string }).code).startsWith("ERR_PARSE_ARGS");
    if (
      !isUsage &&
      !(error instanceof CannotTell || error instanceof KeyRingError)
    ) throw error;
    // parseArgs quotes an argument that it does not know: it may be a token.
    console.error(
      isUsage ? `An argument is not known.\n\n${USAGE}` : error.message,
    );
    Deno.exitCode = 2;
  }
}
