import { join, resolve } from "@std/path";
import { parse } from "@std/toml";
import { exists, readIfExists, unlessMissing } from "./files.ts";

/** The part of `[auth]` that the embedded Auth follows. */
export interface AuthSettings {
  site_url?: string;
  additional_redirect_urls?: string[];
  jwt_expiry?: number;
  enable_signup?: boolean;
  minimum_password_length?: number;
  email?: { enable_signup?: boolean; enable_confirmations?: boolean };
}

/** An edge function. */
export interface FunctionSettings {
  /** The name of its folder in supabase/functions, and its path in the API. */
  name: string;
  /** Whether the gateway requires a valid JWT. */
  verifyJwt: boolean;
  /** Absolute path of the module that handles requests. */
  entryPoint: string;
  /** Absolute path of its import map, if config.toml names one. */
  importMap?: string;
}

/** What the local stack reads from supabase/config.toml. */
export interface ProjectConfig {
  /** TCP port of the API. */
  port: number;
  /** TCP port of the database. */
  dbPort: number;
  /** Schemas that the Data API exposes. */
  schemas: string[];
  /** The maximum number of rows in an answer of the Data API. */
  maxRows: number;
  /** Whether a new database gets the project's seed data. */
  seed: boolean;
  functions: FunctionSettings[];
  /** Variables for the functions, from `[edge_runtime.secrets]`. */
  secrets: Record<string, string>;
  auth: AuthSettings;
  /** The settings that have no effect here, in one sentence each. */
  notes: string[];
}

type Table = Record<string, unknown>;

interface ConfigFile {
  api?: { port?: number; schemas?: string[]; max_rows?: number };
  db?: { port?: number; major_version?: number; seed?: { enabled?: boolean } };
  edge_runtime?: { secrets?: Record<string, string> };
  auth?: AuthSettings;
  functions?: Record<string, FunctionTable>;
}

/** A table `[functions.name]`. */
interface FunctionTable {
  enabled?: boolean;
  verify_jwt?: boolean;
  entrypoint?: string;
  import_map?: string;
}

/**
 * Reads supabase/config.toml of the project, with the Supabase CLI's defaults.
 * As there, the value `env(NAME)` is replaced by that environment variable.
 *
 * @throws {Error} The file is missing or is not TOML.
 */
export async function readConfig(projectRoot: string): Promise<ProjectConfig> {
  const path = join(projectRoot, "supabase", "config.toml");
  const text = await readIfExists(path);
  if (text === null) {
    throw new Error(
      `${path} is missing: run \`supabase init\` in the project's folder.`,
    );
  }
  let file: Table;
  try {
    file = substitute(parse(text)) as Table;
  } catch (error) {
    throw new Error(
      `${path} cannot be read: ${(error as Error).message}. Mend it first.`,
    );
  }
  const { api = {}, db = {}, auth = {}, functions = {}, edge_runtime = {} } =
    file as ConfigFile;
  return {
    port: api.port ?? 54321,
    dbPort: db.port ?? 54322,
    schemas: api.schemas ?? ["public", "graphql_public"],
    maxRows: api.max_rows ?? 1000,
    seed: db.seed?.enabled ?? true,
    functions: await functionSettings(projectRoot, functions),
    secrets: edge_runtime.secrets ?? {},
    auth: {
      site_url: auth.site_url,
      additional_redirect_urls: auth.additional_redirect_urls,
      jwt_expiry: auth.jwt_expiry,
      enable_signup: auth.enable_signup,
      minimum_password_length: auth.minimum_password_length,
      email: {
        enable_signup: auth.email?.enable_signup,
        enable_confirmations: auth.email?.enable_confirmations,
      },
    },
    notes: notesOn(file),
  };
}

/**
 * Replaces `env(NAME)` with the variable's value. If it is unset, the text
 * stays.
 */
function substitute(value: unknown): unknown {
  if (typeof value === "string") {
    const name = value.match(/^env\((\w+)\)$/)?.[1];
    return name === undefined ? value : Deno.env.get(name) ?? value;
  }
  if (Array.isArray(value)) return value.map(substitute);
  if (!isTable(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, substitute(each)]),
  );
}

/** The functions that have a folder, or a table in config.toml. */
async function functionSettings(
  projectRoot: string,
  tables: Record<string, FunctionTable>,
): Promise<FunctionSettings[]> {
  const supabase = join(projectRoot, "supabase");
  const entries = await unlessMissing(
    Array.fromAsync(Deno.readDir(join(supabase, "functions"))),
  ) ?? [];
  const folders = entries
    .filter(({ isDirectory, name }) => isDirectory && /^[a-z]/i.test(name))
    .map(({ name }) => name);
  const all = [...new Set([...folders, ...Object.keys(tables)])].sort();
  const settings = await Promise.all(all.map(async (name) => {
    const { enabled, verify_jwt, entrypoint, import_map } = tables[name] ?? {};
    const entryPoint = entrypoint
      ? resolve(supabase, entrypoint)
      : join(supabase, "functions", name, "index.ts");
    // Other folders hold files that the functions share.
    const isFunction = tables[name] !== undefined || await exists(entryPoint);
    return enabled === false || !isFunction ? null : {
      name,
      verifyJwt: verify_jwt ?? true,
      entryPoint,
      importMap: import_map ? resolve(supabase, import_map) : undefined,
    };
  }));
  return settings.filter((each) => each !== null);
}

/** Parts that a project can enable and that do not run here. */
const missingParts: [path: string, sentence: string][] = [
  ["storage", "Storage does not run locally"],
  ["studio", "Studio does not run locally; use any PostgreSQL client"],
  ["analytics", "Logs and analytics do not run locally"],
  ["inbucket", "No mail is sent locally"],
  ["local_smtp", "No mail is sent locally"],
  ["db.pooler", "The pooler does not run locally; connect to the database"],
  ["api.tls", "The local API speaks HTTP only"],
  ["auth.captcha", "The local Auth does not check captchas"],
  ["auth.sms", "The local Auth sends no text messages"],
  ["auth.email.smtp", "No mail is sent locally"],
  ["auth.mfa.totp", "The local Auth has no second factors"],
  ["auth.mfa.phone", "The local Auth has no second factors"],
  ["auth.mfa.web_authn", "The local Auth has no second factors"],
  ["auth.passkey", "The local Auth has no passkeys"],
  ["auth.oauth_server", "The local Auth is no OAuth server"],
  ["auth.web3.solana", "The local Auth has no sign-in with a wallet"],
  ["auth.web3.ethereum", "The local Auth has no sign-in with a wallet"],
];

/** Settings of Auth that have an effect on a hosted project. */
const missingSettings: [path: string, sentence: string][] = [
  ["auth.enable_anonymous_sign_ins", "The local Auth has no anonymous users"],
  ["auth.enable_manual_linking", "The local Auth does not link identities"],
  ["auth.password_requirements", "The local Auth checks only the length"],
  ["auth.sessions", "Latchkey's settings limit sessions: latchkey.settings"],
];

function notesOn(file: Table): string[] {
  const notes: string[] = [];
  const note = (path: string, sentence: string) =>
    notes.push(`${sentence} (${path} in config.toml).`);
  for (const [path, sentence] of missingParts) {
    const part = at(file, path);
    if (
      isTable(part) && (part.enabled === true || part.enroll_enabled === true)
    ) {
      note(path, sentence);
    }
  }
  for (const [path, sentence] of missingSettings) {
    if (isSet(at(file, path))) note(path, sentence);
  }
  for (
    const [group, sentence] of [
      ["auth.external", "The local Auth has no sign-in with"],
      ["auth.third_party", "The local services take no tokens of"],
      ["auth.hook", "The local Auth calls no hook named"],
    ] as const
  ) {
    const tables = at(file, group);
    for (const [name, table] of Object.entries(isTable(tables) ? tables : {})) {
      // Latchkey calls this hook itself, for its own tokens.
      if (name === "custom_access_token" && group === "auth.hook") continue;
      if (isTable(table) && table.enabled === true) {
        note(`${group}.${name}`, `${sentence} ${name}`);
      }
    }
  }
  const version = at(file, "db.major_version");
  if (version !== undefined && version !== 17) {
    note(
      "db.major_version",
      `The local database is PostgreSQL 17, not ${version}`,
    );
  }
  for (const part of ["api", "auth", "realtime", "edge_runtime"]) {
    const table = at(file, part);
    if (isTable(table) && table.enabled === false) {
      note(`${part}.enabled`, `The local stack runs this part all the same`);
    }
  }
  return notes;
}

function at(file: Table, path: string): unknown {
  return path.split(".").reduce<unknown>(
    (table, key) => isTable(table) ? table[key] : undefined,
    file,
  );
}

function isSet(value: unknown): boolean {
  return isTable(value) ? Object.keys(value).length > 0 : Boolean(value);
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
