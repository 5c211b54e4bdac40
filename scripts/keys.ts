/**
 * `deno task keys`: makes the secrets that a project's functions need, or
 * rotates them.
 *
 * @module
 */
import type { JWK } from "jose";
import { fromFileUrl, join } from "@std/path";
import { parseArgs } from "node:util";
import { readEnvFile, setInEnvFile, writeSecretFile } from "./env_file.ts";
import {
  formatKeyRing,
  KeyRingError,
  parseKeyRing,
  rotateKeyRing,
} from "./key_ring.ts";
import { readIfExists } from "./local/files.ts";
import { generateKeys, publicJwk } from "./local/keys.ts";

const USAGE = `Makes the secrets of a project, or rotates them.

  deno task keys                    make what is missing; change nothing else
  deno task keys --rotate refresh   put a new key in front of the ring that signs
                                    refresh tokens; tokens of the others stay good
  deno task keys --rotate signing   make a new key that signs access tokens
  deno task keys --force            make everything anew: every session ends
  deno task keys --stdout           write no file, print the variables instead

Files: supabase/functions/.env        what the functions read
       supabase/signing_keys.json     the signing key, for \`supabase start\` and
                                      for the import into a hosted project`;

const ENV_FILE = "supabase/functions/.env";
const SIGNING_KEYS_FILE = "supabase/signing_keys.json";

/** What is to happen to secrets that are there already. */
export type Mode = "create" | "rotate-refresh" | "rotate-signing" | "force";

/** The secrets of a project, as the two files hold them. */
export interface Secrets {
  /** The private key that signs access tokens. */
  signingKey: JWK;
  /** Public keys that signed before, so that their tokens verify. */
  retiredKeys: JWK[];
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
  const { signingKey, refreshTokenKeys, retiredKeys = [] } = current;
  switch (mode) {
    case "force":
      return {
        signingKey: fresh.signingKey,
        retiredKeys: [],
        refreshTokenKeys: fresh.refreshTokenKeys,
      };
    case "create":
      return {
        signingKey: signingKey ?? fresh.signingKey,
        retiredKeys,
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
      retiredKeys,
      refreshTokenKeys: formatKeyRing(
        rotateKeyRing(parseKeyRing(refreshTokenKeys)),
      ),
    }
    : {
      signingKey: fresh.signingKey,
      retiredKeys: [publicJwk(signingKey), ...retiredKeys],
      refreshTokenKeys,
    };
}

/**
 * Reads what the two files of a project hold.
 *
 * @throws {KeysError} A file is malformed, or they name different signing keys.
 */
export async function readSecrets(
  project: string,
): Promise<Partial<Secrets> & { complete: boolean }> {
  const variables = await readEnvFile(join(project, ENV_FILE));
  const text = await readIfExists(join(project, SIGNING_KEYS_FILE));
  const keys = text === null ? [] : parseSigningKeys(text);
  const inEnvFile = variables.LATCHKEY_SIGNING_KEY
    ? parseJson(ENV_FILE, variables.LATCHKEY_SIGNING_KEY) as JWK
    : undefined;
  const inKeysFile = keys.find((key) => key.d && key.alg === "ES256");
  if (inEnvFile && inKeysFile && inEnvFile.kid !== inKeysFile.kid) {
    throw new KeysError(
      `${ENV_FILE} and ${SIGNING_KEYS_FILE} name different signing keys: ` +
        "remove the one that the project does not use. Nothing was changed.",
    );
  }
  return {
    signingKey: inEnvFile ?? inKeysFile,
    retiredKeys: keys.filter((key) => !key.d),
    refreshTokenKeys: variables.LATCHKEY_REFRESH_TOKEN_KEYS,
    complete: Boolean(
      inEnvFile && inKeysFile && variables.LATCHKEY_REFRESH_TOKEN_KEYS,
    ),
  };
}

/** Writes both files, readable for their owner only. */
export async function writeSecrets(
  project: string,
  secrets: Secrets,
): Promise<void> {
  const { signingKey, retiredKeys } = secrets;
  await writeSecretFile(
    join(project, SIGNING_KEYS_FILE),
    JSON.stringify([signingKey, ...retiredKeys], null, 2) + "\n",
  );
  const path = join(project, ENV_FILE);
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

function parseSigningKeys(text: string): JWK[] {
  const keys = parseJson(SIGNING_KEYS_FILE, text);
  if (!Array.isArray(keys)) {
    throw new KeysError(`${SIGNING_KEYS_FILE} is not an array of keys.`);
  }
  return keys as JWK[];
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which is a secret.
    throw new KeysError(`${name} does not hold the JSON it should.`);
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
}

/** @throws {TypeError} The arguments are none of ours. */
function parseOptions(args: string[]): Options | "help" {
  const { values } = parseArgs({
    args,
    options: {
      rotate: { type: "string" },
      force: { type: "boolean", default: false },
      stdout: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const { rotate, force, stdout } = values;
  if (rotate !== undefined && force) {
    throw new TypeError("Choose one of --rotate and --force.");
  }
  switch (rotate) {
    case undefined:
      return { mode: force ? "force" : "create", stdout };
    case "refresh":
    case "signing":
      return { mode: `rotate-${rotate}`, stdout };
    default:
      throw new TypeError("--rotate takes refresh or signing.");
  }
}

async function makeKeys(
  { mode, stdout }: Options,
  project: string,
): Promise<string> {
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
  if (stdout) return setInEnvFile("", envVariables(secrets)).trimEnd();
  await writeSecrets(project, secrets);
  return `Wrote ${ENV_FILE} and ${SIGNING_KEYS_FILE}. Keep both out of version ` +
    `control.\n\n${NEXT_STEPS[mode]}`;
}

/**
 * Runs the command.
 *
 * @param project The folder that holds `supabase/`.
 * @returns The exit code: 0 done, 1 refused, 2 wrong usage.
 */
export async function main(args: string[], project: string): Promise<number> {
  let options: Options | "help";
  try {
    options = parseOptions(args);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
  try {
    console.log(options === "help" ? USAGE : await makeKeys(options, project));
    return 0;
  } catch (error) {
    if (!(error instanceof KeysError || error instanceof KeyRingError)) {
      throw error;
    }
    console.error(error.message);
    return 1;
  }
}

if (import.meta.main) {
  Deno.exitCode = await main(
    Deno.args,
    fromFileUrl(new URL("..", import.meta.url)),
  );
}
