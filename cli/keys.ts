/**
 * `deno task keys`: makes the secrets that a project's functions need, or
 * rotates them.
 *
 * @module
 */
import { importJWK, type JWK } from "jose";
import { dirname, join } from "@std/path";
import { parseArgs } from "node:util";
import {
  checkSigningKey,
  ConfigurationError,
  parseKeyRing,
} from "../supabase/functions/_latchkey/environment.ts";
import {
  ENV_FILE,
  findProjectFolder,
  NoProjectError,
  readEnvFile,
  setInEnvFile,
  writeSecretFile,
} from "./env_file.ts";
import { formatKeyRing, KeyRingError, rotateKeyRing } from "./key_ring.ts";
import { readIfExists } from "../stack/files.ts";
import { generateKeys } from "../stack/keys.ts";

const USAGE = `Makes the secrets of a project, or rotates them.

  deno task keys                    make what is missing; change nothing else
  deno task keys --rotate refresh   put a new key in front of the ring that signs
                                    refresh tokens; tokens of the others stay good
  deno task keys --rotate signing   make a new key that signs access tokens
  deno task keys --force            make everything anew: every session ends, and
                                    the keys in both files are lost
  deno task keys --stdout           write no file, print the variables instead

  --project DIR    work on the project in this folder, not on this one

Files: supabase/functions/.env        what the functions read
       supabase/signing_keys.json     the signing key, for \`supabase start\` and
                                      for the import into a hosted project`;

const SIGNING_KEYS_FILE = "supabase/signing_keys.json";

/** What is to happen to secrets that are there already. */
export type Mode = "create" | "rotate-refresh" | "rotate-signing" | "force";

/** The secrets of a project, as the two files hold them. */
export interface Secrets {
  /** The private key that signs access tokens. */
  signingKey: JWK;
  /** The other keys of the project, so that tokens of theirs verify. */
  otherKeys: JWK[];
  /** `LATCHKEY_REFRESH_TOKEN_KEYS`. */
  refreshTokenKeys: string;
}

/** A request that cannot be met as things stand; the message says what to do. */
export class KeysError extends Error {
  override name = "KeysError";
}

/**
 * Decides what a project's secrets will be.
 *
 * @param current What the two files hold.
 * @throws {KeysError} Nothing is missing, nothing is there to rotate, or the
 * two files name different signing keys.
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
    throw new KeysError(
      'There is nothing to rotate yet: run "deno task keys" first.',
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
 * Reads what the two files of a project hold.
 *
 * Every key in them is in the result, because the files will be written anew.
 *
 * @throws {KeysError} A file is malformed or holds a private key that cannot be
 * used, or they name different signing keys.
 */
export async function readSecrets(
  project: string,
): Promise<Partial<Secrets> & { complete: boolean }> {
  const variables = await readEnvFile(join(project, ENV_FILE));
  const text = await readIfExists(join(project, SIGNING_KEYS_FILE));
  const keys = text === null ? [] : await parseSigningKeys(text);
  const refreshTokenKeys = variables.LATCHKEY_REFRESH_TOKEN_KEYS || undefined;
  if (refreshTokenKeys) {
    orKeysError(ENV_FILE, () => parseKeyRing(refreshTokenKeys));
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
    throw new KeysError(
      `${ENV_FILE} and ${SIGNING_KEYS_FILE} name different signing keys: ` +
        "remove the one that the project does not use. Nothing was changed.",
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

/** Writes both files, readable for their owner only. */
export async function writeSecrets(
  project: string,
  secrets: Secrets,
): Promise<void> {
  const { signingKey, otherKeys } = secrets;
  const path = join(project, ENV_FILE);
  await Deno.mkdir(dirname(path), { recursive: true });
  await writeSecretFile(
    join(project, SIGNING_KEYS_FILE),
    JSON.stringify([signingKey, ...otherKeys], null, 2) + "\n",
  );
  await writeSecretFile(
    path,
    setInEnvFile(await readIfExists(path) ?? "", envVariables(secrets)),
  );
}

/** What the functions read, by name. */
export function envVariables(secrets: Secrets): Record<string, string> {
  return {
    LATCHKEY_SIGNING_KEY: JSON.stringify(secrets.signingKey),
    LATCHKEY_REFRESH_TOKEN_KEYS: secrets.refreshTokenKeys,
  };
}

async function parseSigningKeys(text: string): Promise<JWK[]> {
  const keys = parseJson(SIGNING_KEYS_FILE, text);
  if (!Array.isArray(keys)) {
    throw new KeysError(
      `${SIGNING_KEYS_FILE} is not an array of keys. Nothing was changed.`,
    );
  }
  return await Promise.all(keys.map((key, i) => {
    const name = `Key ${i + 1}`;
    if (typeof key?.kty !== "string") {
      throw new KeysError(
        `${SIGNING_KEYS_FILE}: ${name} is not a JWK. Nothing was changed.`,
      );
    }
    return isPrivate(key) ? usableKey(SIGNING_KEYS_FILE, name, key) : key;
  }));
}

/** @throws {KeysError} The functions could not sign with this key. */
async function usableKey(
  file: string,
  name: string,
  value: unknown,
): Promise<JWK> {
  const key = orKeysError(file, () => checkSigningKey(name, value));
  // Supabase's keys name both operations; WebCrypto takes one per key.
  const { key_ops: _ops, ...privateKey } = key;
  try {
    await importJWK(privateKey, key.alg);
  } catch {
    throw new KeysError(
      `${file}: ${name} is damaged, it cannot be used to sign. ` +
        "Repair or remove it. Nothing was changed.",
    );
  }
  return key;
}

function orKeysError<T>(file: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new KeysError(
      `${file}: ${error.variable} ${error.problem}. ` +
        "Repair or remove it. Nothing was changed.",
    );
  }
}

function isPrivate(key: JWK): boolean {
  return key.kty === "oct" || key.d !== undefined;
}

/** A key that may only verify is there for tokens of earlier times. */
function signs(key: JWK): boolean {
  return isPrivate(key) && (key.key_ops?.includes("sign") ?? true);
}

function isSameKey(a: JWK, b: JWK): boolean {
  return a.kid === b.kid && a.d === b.d && a.k === b.k;
}

/** What of a signing key its old tokens need: a shared secret needs all of it. */
function retire(key: JWK): JWK {
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, oth: _oth, ...rest } =
    key;
  return { ...rest, key_ops: ["verify"] };
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which is a secret.
    throw new KeysError(
      `${name} does not hold the JSON it should. Nothing was changed.`,
    );
  }
}

const UPLOAD = "npx -y supabase@3.1.0 secrets set --env-file " + ENV_FILE;
const IMPORT =
  `Import the first key of ${SIGNING_KEYS_FILE}: dashboard → Project
     Settings → JWT Keys → Create standby key → import an existing private key.`;

const NEXT_STEPS: Record<Mode, string> = {
  create: `Next, for a hosted project:
  1. ${IMPORT}
     Then choose Rotate keys, so that Supabase Auth signs with it too.
  2. ${UPLOAD}

Next, for \`supabase start\`: uncomment signing_keys_path in supabase/config.toml.`,
  "rotate-refresh": `Next, for a hosted project:
  1. ${UPLOAD}

A token of an older key stays good and is replaced at its next refresh. Once
latchkey.settings.idle_timeout has passed, no session holds one any more: remove
the old entries from LATCHKEY_REFRESH_TOKEN_KEYS and upload again. After a leak
remove them now: every session then has to sign in again.`,
  "rotate-signing": `Next, for a hosted project, in this order:
  1. ${IMPORT}
  2. ${UPLOAD}
  3. Choose Rotate keys.
  4. When the last access token of the old key has expired, revoke that key.
     After a leak revoke it now.`,
  force:
    `Every session of Latchkey's ends with the next refresh. Next, for a hosted
project, in this order:
  1. ${IMPORT}
  2. ${UPLOAD}
  3. Choose Rotate keys, and revoke the old key.`,
};

/** What the command line asks for. */
interface Options {
  mode: Mode;
  stdout: boolean;
  /** The folder of another project. */
  project?: string;
}

/** @throws {TypeError} The arguments are none of ours. */
function parseOptions(args: string[]): Options | "help" {
  const { values } = parseArgs({
    args,
    options: {
      rotate: { type: "string" },
      force: { type: "boolean", default: false },
      stdout: { type: "boolean", default: false },
      project: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const { rotate, force, stdout, project } = values;
  if (rotate !== undefined && force) {
    throw new TypeError("Choose one of --rotate and --force.");
  }
  switch (rotate) {
    case undefined:
      return { mode: force ? "force" : "create", stdout, project };
    case "refresh":
    case "signing":
      return { mode: `rotate-${rotate}`, stdout, project };
    default:
      throw new TypeError("--rotate takes refresh or signing.");
  }
}

async function makeKeys({ mode, stdout, project: named }: Options) {
  const project = await findProjectFolder(named);
  // With --force what is there does not matter, be it malformed.
  const current = mode === "force"
    ? { complete: false }
    : await readSecrets(project);
  if (mode === "create" && current.complete && !stdout) {
    throw new KeysError(
      `${ENV_FILE} and ${SIGNING_KEYS_FILE} hold all secrets already. ` +
        "Nothing was changed. Replace them with --rotate refresh, " +
        "--rotate signing or --force.",
    );
  }
  const secrets = await nextSecrets(current, mode);
  if (stdout) {
    console.log(setInEnvFile("", envVariables(secrets)).trimEnd());
    return;
  }
  await writeSecrets(project, secrets);
  const where = named === undefined ? "" : ` in ${project}`;
  console.log(
    `Wrote ${ENV_FILE} and ${SIGNING_KEYS_FILE}${where}. Keep both out of ` +
      `version control.\n\n${NEXT_STEPS[mode]}`,
  );
  for (const file of [ENV_FILE, SIGNING_KEYS_FILE]) {
    if (await isIgnored(project, file)) continue;
    console.error(
      `\nWarning: git does not ignore ${file}: add it to .gitignore now.`,
    );
  }
}

/** Asks git, and where that cannot tell, looks for the very line. */
async function isIgnored(project: string, file: string): Promise<boolean> {
  const git = new Deno.Command("git", {
    args: ["-C", project, "check-ignore", "--quiet", "--", file],
    stdout: "null",
    stderr: "null",
  });
  const { code } = await git.output().catch(() => ({ code: -1 }));
  if (code === 0 || code === 1) return code === 0;
  const lines = (await readIfExists(join(project, ".gitignore")) ?? "")
    .split("\n").map((line) => line.trim().replace(/^\//, ""));
  return lines.includes(file);
}

/**
 * Runs the command.
 *
 * @returns The exit code: 0 done, 1 refused, 2 wrong usage.
 */
export async function main(args: string[]): Promise<number> {
  let options: Options | "help";
  try {
    options = parseOptions(args);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
  try {
    if (options === "help") console.log(USAGE);
    else await makeKeys(options);
    return 0;
  } catch (error) {
    if (error instanceof KeysError || error instanceof KeyRingError) {
      console.error(error.message);
      return 1;
    }
    if (!(error instanceof NoProjectError)) throw error;
    console.error(error.message);
    return 2;
  }
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
