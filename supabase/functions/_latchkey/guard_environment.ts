/**
 * The part of the configuration that checks an access token and its session.
 * An app's own function needs no more.
 *
 * @module
 */
import type { JWK } from "jose";
import {
  ConfigurationError,
  fromProcess,
  type Get,
  json,
  required,
} from "./configuration.ts";

/** The values that are needed to check an access token and its session. */
export interface GuardEnvironment {
  /** The project's URL, without a slash at the end. */
  url: string;
  /** The project's public keys, for tokens that Supabase Auth signed. */
  jwks: JWK[];
  /** The private key that signs access tokens, imported into Supabase as a signing key. */
  signingKey?: SigningKey;
  /**
   * Keys that make a caller an administrator. Latchkey uses the first one for
   * the Data API.
   */
  secretKeys?: [string, ...string[]];
  /** PostgreSQL connection string; if it is absent, the Data API is used. */
  databaseUrl?: string;
}

/** A private JWK with its key id and its algorithm. */
export type SigningKey = JWK & { alg: string; kid: string };

/**
 * Reads what a guard needs.
 *
 * @param get Looks up a variable; `Deno.env.get` by default.
 * @throws {ConfigurationError} `SUPABASE_URL` is missing, or a variable is
 * malformed.
 */
export function readGuardEnvironment(get: Get = fromProcess): GuardEnvironment {
  const url = required("SUPABASE_URL", get).replace(/\/+$/, "");
  if (!URL.canParse(url)) {
    throw new ConfigurationError("SUPABASE_URL", "is not a URL");
  }
  const signingKey = get("LATCHKEY_SIGNING_KEY");
  return {
    url,
    jwks: parseJwks("SUPABASE_JWKS", get("SUPABASE_JWKS")),
    signingKey: signingKey
      ? checkSigningKey(
        "LATCHKEY_SIGNING_KEY",
        json("LATCHKEY_SIGNING_KEY", signingKey),
      )
      : undefined,
    secretKeys: apiKeys(
      "SUPABASE_SECRET_KEYS",
      "SUPABASE_SERVICE_ROLE_KEY",
      get,
    ),
    databaseUrl: get("LATCHKEY_DB_URL") || undefined,
  };
}

/**
 * Reads API keys. New projects have named keys as JSON, older ones a single
 * legacy key.
 */
export function apiKeys(
  name: string,
  legacyName: string,
  get: Get,
): [string, ...string[]] | undefined {
  const value = get(name);
  if (!value) {
    const legacy = get(legacyName);
    return legacy ? [legacy] : undefined;
  }
  const keys = json(name, value);
  const named =
    typeof keys === "object" && keys !== null && !Array.isArray(keys)
      ? keys as Record<string, unknown>
      : {};
  // "default" first, because every project has it.
  const { default: first, ...others } = named;
  const list = [first, ...Object.values(others)]
    .filter((key): key is string => typeof key === "string" && key !== "");
  if (list.length === 0) {
    throw new ConfigurationError(
      name,
      'is not an object like {"default": "sb_…"}',
    );
  }
  return list as [string, ...string[]];
}

/** The algorithms of each kind of key. The first one is the default. */
const ALGORITHMS: Record<string, [string, ...string[]]> = {
  "EC P-256": ["ES256"],
  "RSA": ["RS256"],
  "OKP Ed25519": ["EdDSA", "Ed25519"],
  "oct": ["HS256", "HS384", "HS512"],
};

/**
 * Checks a value for the key that signs access tokens.
 *
 * @param name The name of the value's source, for the error.
 * @returns The key. If it had no `alg`, it gets the default one of its kind.
 * @throws {ConfigurationError} It is not a private key, has no `kid`, or is not
 * for an algorithm that access tokens are signed with.
 */
export function checkSigningKey(name: string, value: unknown): SigningKey {
  const key = value as JWK;
  const isPrivate = key?.kty === "oct"
    ? typeof key.k === "string" && key.k.length >= 43
    : typeof key?.d === "string";
  if (!isPrivate) {
    throw new ConfigurationError(
      name,
      "is not a private JWK (or an oct JWK of at least 256 bits)",
    );
  }
  if (!key.kid) throw new ConfigurationError(name, "has no kid");
  const kind = key.crv ? `${key.kty} ${key.crv}` : `${key.kty}`;
  const algorithms = ALGORITHMS[kind];
  const alg = key.alg ?? algorithms?.[0];
  if (!alg) {
    throw new ConfigurationError(name, "has no alg, and none follows from it");
  }
  if (!algorithms?.includes(alg)) {
    throw new ConfigurationError(
      name,
      "is not a key for ES256 (EC P-256), RS256 (RSA), EdDSA (OKP Ed25519) or HS256 (oct)",
    );
  }
  return { ...key, alg, kid: key.kid };
}

function parseJwks(name: string, value: string | undefined): JWK[] {
  if (!value) return [];
  const set = json(name, value) as { keys?: unknown } | unknown[];
  const keys = Array.isArray(set) ? set : set?.keys;
  if (!Array.isArray(keys)) {
    throw new ConfigurationError(name, "is not a JWK set");
  }
  return keys as JWK[];
}
