/**
 * `supabase-latchkey keys`: creates the secrets that a project's functions need,
 * or rotates them.
 *
 * @module
 */
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from "jose";
import { join, posix } from "node:path";
import { ConfigurationError } from "../supabase/functions/_latchkey/configuration.ts";
import { parseKeyRing } from "../supabase/functions/_latchkey/environment.ts";
import { checkSigningKey } from "../supabase/functions/_latchkey/guard_environment.ts";
import { generateKeys } from "../stack/keys.ts";
import { readConfig } from "./config_toml.ts";
import { ENV_FILE, readEnvFile, setInEnvFile } from "./env_file.ts";
import { CommandError, UsageError } from "./errors.ts";
import {
  applyChanges,
  type Change,
  checkWritable,
  readIfExists,
} from "./files.ts";
import { parse } from "./flags.ts";
import { isIgnored } from "./git.ts";
import { formatKeyRing, rotateKeyRing } from "./key_ring.ts";
import { findProject } from "./project.ts";

const USAGE = `Creates the secrets of a project, or rotates them.

Usage: supabase-latchkey keys [flags]

  (no flag)          create what is missing; change nothing else
  --rotate refresh   put a new key in front of the keys that sign refresh tokens;
                     tokens that the other keys signed stay valid
  --rotate signing   create a new key that signs access tokens
  --force            replace all keys: every session ends, and the keys in both
                     files are lost
  --stdout           write no file; print the variables
  --server           write no file; print a new key for the web servers of an app
                     that renders its pages, and the key's thumbprint
  --project DIR      the project's folder (default: the nearest one)
  --help             show this text

Files: supabase/functions/.env      what the functions read
       supabase/signing_keys.json   the signing key, for \`supabase start\` and
                                    for the import into a hosted project`;

/** What to do with existing secrets. */
export type Mode = "create" | "rotate-refresh" | "rotate-signing" | "force";

/** The secrets of a project, as the two files hold them. */
export interface Secrets {
  /** The private key that signs access tokens. */
  signingKey: JWK;
  /**
   * The project's other keys. They still verify the tokens that they signed.
   */
  otherKeys: JWK[];
  /** `LATCHKEY_REFRESH_TOKEN_KEYS`. */
  refreshTokenKeys: string;
}

/**
 * Decides which secrets a project will have.
 *
 * @param current The content of the two files.
 * @throws {CommandError} There is nothing to rotate.
 */
export async function nextSecrets(
  current: Partial<Secrets>,
  mode: Mode,
): Promise<Secrets> {
  const fresh = await generateKeys();
  const { signingKey, refreshTokenKeys, otherKeys = [] } = current;
  switch (mode) {
    case "force":
      return {
        signingKey: fresh.signingKey,
        otherKeys: [],
        refreshTokenKeys: fresh.refreshTokenKeys,
      };
    case "create":
      return {
        signingKey: signingKey ?? fresh.signingKey,
        otherKeys,
        refreshTokenKeys: refreshTokenKeys ?? fresh.refreshTokenKeys,
      };
  }
  if (!signingKey || !refreshTokenKeys) {
    throw new CommandError(
      'The project has no keys to rotate. Run "npx supabase-latchkey keys" first.',
    );
  }
  return mode === "rotate-refresh"
    ? {
      signingKey,
      otherKeys,
      refreshTokenKeys: formatKeyRing(
        rotateKeyRing(parseKeyRing(refreshTokenKeys)),
      ),
    }
    : {
      signingKey: fresh.signingKey,
      otherKeys: [retire(signingKey), ...otherKeys],
      refreshTokenKeys,
    };
}

/**
 * The file with the project's signing keys, relative to the project's folder.
 * `[auth] signing_keys_path` in config.toml names it, relative to `supabase/`.
 */
export function signingKeysFile(project: string): string {
  const config = readIfExists(join(project, "supabase/config.toml"));
  const path = config === null
    ? undefined
    : readConfig(config).auth?.signing_keys_path;
  return posix.join("supabase", path || "signing_keys.json");
}

/**
 * Reads the secrets in the two files of a project. The result contains all of
 * their keys, because both files are rewritten as a whole.
 *
 * @throws {CommandError} A file is malformed or holds a private key that cannot
 * be used, or they name different signing keys.
 */
export async function readSecrets(
  project: string,
): Promise<Partial<Secrets> & { complete: boolean }> {
  const file = signingKeysFile(project);
  const variables = readEnvFile(join(project, ENV_FILE));
  const text = readIfExists(join(project, file));
  const keys = text === null ? [] : await parseSigningKeys(file, text);
  const refreshTokenKeys = variables.LATCHKEY_REFRESH_TOKEN_KEYS || undefined;
  if (refreshTokenKeys) {
    orCommandError(ENV_FILE, () => parseKeyRing(refreshTokenKeys));
  }
  const inEnvFile = variables.LATCHKEY_SIGNING_KEY
    ? await usableKey(
      ENV_FILE,
      "LATCHKEY_SIGNING_KEY",
      parseJson(ENV_FILE, variables.LATCHKEY_SIGNING_KEY),
    )
    : undefined;
  const signing = keys.filter(signs);
  const inKeysFile = inEnvFile
    ? signing.find((key) => isSameKey(key, inEnvFile))
    : signing[0];
  if (inEnvFile && !inKeysFile && signing.length > 0) {
    throw new CommandError(
      `${ENV_FILE} and ${file} name different signing keys. Remove the one ` +
        "that the project does not use. Nothing was changed.",
    );
  }
  const signingKey = inEnvFile ?? inKeysFile;
  return {
    signingKey,
    otherKeys: keys.filter((key) =>
      key !== inKeysFile && (isPrivate(key) || key.kid !== signingKey?.kid)
    ),
    refreshTokenKeys,
    complete: Boolean(inEnvFile && inKeysFile && refreshTokenKeys),
  };
}

/** The changes that write both files; none if they already hold the secrets. */
export function secretsChanges(project: string, secrets: Secrets): Change[] {
  const { signingKey, otherKeys } = secrets;
  const texts = {
    [signingKeysFile(project)]: () =>
      JSON.stringify([signingKey, ...otherKeys], null, 2) + "\n",
    [ENV_FILE]: (before: string) => setInEnvFile(before, envVariables(secrets)),
  };
  return Object.entries(texts).map(([path, write]) => {
    const before = readIfExists(join(project, path));
    return { path, before, after: write(before ?? ""), secret: true };
  }).filter(({ before, after }) => before !== after);
}

/** The variables that the functions read, by name. */
export function envVariables(secrets: Secrets): Record<string, string> {
  return {
    LATCHKEY_SIGNING_KEY: JSON.stringify(secrets.signingKey),
    LATCHKEY_REFRESH_TOKEN_KEYS: secrets.refreshTokenKeys,
  };
}

async function parseSigningKeys(file: string, text: string): Promise<JWK[]> {
  const keys = parseJson(file, text);
  if (!Array.isArray(keys)) {
    throw new CommandError(
      `${file} is not an array of keys. Correct it. Nothing was changed.`,
    );
  }
  return await Promise.all(keys.map((key, i) => {
    const name = `Key ${i + 1}`;
    if (typeof key?.kty !== "string") {
      throw new CommandError(
        `${file}: ${name} is not a JWK. Correct it. Nothing was changed.`,
      );
    }
    return isPrivate(key) ? usableKey(file, name, key) : key;
  }));
}

/** @throws {CommandError} The functions cannot sign with this key. */
async function usableKey(
  file: string,
  name: string,
  value: unknown,
): Promise<JWK> {
  const key = orCommandError(file, () => checkSigningKey(name, value));
  // Supabase's keys name both operations; WebCrypto takes one per key.
  const { key_ops: _ops, ...privateKey } = key;
  try {
    await importJWK(privateKey, key.alg);
  } catch {
    throw new CommandError(
      `${file}: ${name} is damaged and cannot sign. Repair or remove it. ` +
        "Nothing was changed.",
    );
  }
  return key;
}

function orCommandError<T>(file: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new CommandError(
      `${file}: ${error.variable} ${error.problem}. ` +
        "Repair or remove it. Nothing was changed.",
    );
  }
}

function isPrivate(key: JWK): boolean {
  return key.kty === "oct" || key.d !== undefined;
}

/** A key that may only verify is kept for tokens that it signed earlier. */
function signs(key: JWK): boolean {
  return isPrivate(key) && (key.key_ops?.includes("sign") ?? true);
}

function isSameKey(a: JWK, b: JWK): boolean {
  return a.kid === b.kid && a.d === b.d && a.k === b.k;
}

/**
 * The part of a key that verifies its tokens. For a shared secret, that is the
 * whole key.
 */
function retire(key: JWK): JWK {
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, oth: _oth, ...rest } =
    key;
  return { ...rest, key_ops: ["verify"] };
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not the parser's message, because it quotes the text, which is a secret.
    throw new CommandError(
      `${name} is not valid JSON. Correct it. Nothing was changed.`,
    );
  }
}

// The other variables in the file may be for this machine only.
const UPLOAD = `grep '^LATCHKEY_' ${ENV_FILE} |
       npx supabase secrets set --env-file /dev/stdin --yes`;

/**
 * How to make Docker's `supabase start` sign with the project's key.
 *
 * No command edits config.toml for this: git ignores the key file, and with the
 * setting every command of the Supabase CLI stops where the file is missing,
 * for example in CI.
 */
export function nameSigningKeys(file: string): string {
  return `set signing_keys_path = "./${posix.relative("supabase", file)}"
     under [auth] in supabase/config.toml. The Supabase CLI then needs that file in
     each clone and in CI`;
}

/** What the user still has to do, for each mode. */
function nextSteps(mode: Mode, file: string): string {
  const importKey = `Import the first key of ${file}: dashboard > Project
     Settings > JWT Keys > Create standby key > import an existing private key.`;
  switch (mode) {
    case "create":
      return `Next, for a hosted project, run "npx supabase-latchkey deploy". Or, by hand and
in this order:
  1. ${importKey}
  2. ${UPLOAD}
  3. When the functions are deployed, choose Rotate keys, so that Supabase Auth
     signs with the imported key too.

Next, for \`supabase start\`: ${nameSigningKeys(file)}.`;
    case "rotate-refresh":
      return `Next, for a hosted project:
  1. ${UPLOAD}

Tokens of the older keys stay valid and are replaced at their next refresh. When
latchkey.settings.idle_timeout has passed, no session uses the older keys: remove
them from LATCHKEY_REFRESH_TOKEN_KEYS and upload again. After a leak, remove them
now: every session then has to sign in again.`;
    case "rotate-signing":
      return `Next, for a hosted project, in this order:
  1. ${importKey}
  2. ${UPLOAD}
  3. Choose Rotate keys.
  4. When the last access token of the old key has expired, revoke that key.
     After a leak, revoke it now.`;
    case "force":
      return `Every session ends at its next refresh. Next, for a hosted project,
in this order:
  1. ${importKey}
  2. ${UPLOAD}
  3. Choose Rotate keys, and revoke the old key.`;
  }
}

const SERVER_STEPS = `
Next:
  1. Set LATCHKEY_SERVER_KEY where the app's web servers run, the same for all of
     them. It is a secret.
  2. Set LATCHKEY_SERVER_THUMBPRINTS for the functions, in ${ENV_FILE}
     and with \`npx supabase secrets set\`, so that attempts to sign in are
     counted by the browser's address.`;

/** The variables of a new key for an app's web servers. */
async function serverVariables(): Promise<Record<string, string>> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const key = await exportJWK(privateKey);
  return {
    LATCHKEY_SERVER_KEY: JSON.stringify(key),
    LATCHKEY_SERVER_THUMBPRINTS: await calculateJwkThumbprint(key),
  };
}

/** The arguments of the command. */
interface Options {
  mode: Mode | "server";
  stdout: boolean;
  project?: string;
}

/** @throws {UsageError} The arguments are invalid. */
function parseOptions(args: string[]): Options | "help" {
  const { values } = parse({
    args,
    options: {
      rotate: { type: "string" },
      force: { type: "boolean", default: false },
      stdout: { type: "boolean", default: false },
      server: { type: "boolean", default: false },
      project: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const { rotate, force, stdout, server, project } = values;
  if (server) {
    if (rotate !== undefined || force || stdout) {
      throw new UsageError("Use --server without other flags.");
    }
    return { mode: "server", stdout, project };
  }
  if (rotate !== undefined && force) {
    throw new UsageError("Choose one of --rotate and --force.");
  }
  switch (rotate) {
    case undefined:
      return { mode: force ? "force" : "create", stdout, project };
    case "refresh":
    case "signing":
      return { mode: `rotate-${rotate}`, stdout, project };
    default:
      throw new UsageError("--rotate takes refresh or signing.");
  }
}

/**
 * Runs the command.
 *
 * @throws {CommandError} The files cannot be read or written, or there is
 * nothing to do.
 */
export async function keys(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === "help") return console.log(USAGE);
  const { mode, stdout } = options;
  if (mode === "server") {
    console.log(setInEnvFile("", await serverVariables()).trimEnd());
    console.error(SERVER_STEPS);
    return;
  }
  const project = findProject(options.project);
  const file = signingKeysFile(project);
  // With --force the old secrets may be malformed, because they are replaced.
  const current = mode === "force"
    ? { complete: false }
    : await readSecrets(project);
  if (mode === "create" && current.complete && !stdout) {
    throw new CommandError(
      `${ENV_FILE} and ${file} already hold all secrets. Nothing was changed. ` +
        "Replace them with --rotate refresh, --rotate signing or --force.",
    );
  }
  const secrets = await nextSecrets(current, mode);
  if (stdout) {
    console.log(setInEnvFile("", envVariables(secrets)).trimEnd());
    return;
  }
  const changes = secretsChanges(project, secrets);
  checkWritable(project, changes);
  applyChanges(project, changes);
  console.log(
    `Wrote ${ENV_FILE} and ${file} in ${project}. Keep both out of version ` +
      `control.\n\n${nextSteps(mode, file)}`,
  );
  for (const path of [ENV_FILE, file]) {
    if (isIgnored(project, path)) continue;
    console.error(
      `\nWarning: git does not ignore ${path}. Add it to .gitignore now.`,
    );
  }
}
