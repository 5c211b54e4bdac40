/**
 * What a function needs to know, read once when it starts. A missing or
 * malformed variable stops the function there, and the message names it: half a
 * configuration must not answer requests.
 *
 * @module
 */
import type { JWK } from "jose";

/** The configuration of Latchkey's functions. */
export interface Environment {
  /** The project's URL, without a slash at the end. */
  url: string;
  /** The `iss` of access tokens. */
  issuer: string;
  /** The publishable key (or the legacy anon key), for calls to Supabase Auth. */
  publishableKey: string;
  /** Keys that make a caller an administrator. The first one is used for the Data API. */
  secretKeys: [string, ...string[]];
  /** The private key that signs access tokens, imported into Supabase as a signing key. */
  signingKey: JWK & { alg: string; kid: string };
  /** The project's public keys, for tokens that Supabase Auth signed. */
  jwks: JWK[];
  /** HMAC keys of refresh tokens by key id. */
  refreshTokenKeys: Map<number, Uint8Array<ArrayBuffer>>;
  /** The key id that signs new refresh tokens. */
  currentRefreshTokenKey: number;
  /** Postgres connection string; where it is absent the Data API is used. */
  databaseUrl?: string;
}

/** A variable that is missing or malformed. */
export class ConfigurationError extends Error {
  override name = "ConfigurationError";
  constructor(variable: string, problem: string) {
    super(
      `${variable} ${problem}. Run "deno task keys" to make Latchkey's secrets.`,
    );
  }
}

/**
 * Reads the environment of the Edge Functions.
 *
 * @param get Looks up a variable; `Deno.env.get` by default.
 * @throws {ConfigurationError} A variable is missing or malformed.
 */
export function readEnvironment(
  get: (name: string) => string | undefined = (name) => Deno.env.get(name),
): Environment {
  const url = required("SUPABASE_URL", get).replace(/\/+$/, "");
  if (!URL.canParse(url)) {
    throw new ConfigurationError("SUPABASE_URL", "is not a URL");
  }
  const [currentRefreshTokenKey, refreshTokenKeys] = parseKeyRing(
    "LATCHKEY_REFRESH_TOKEN_KEYS",
    required("LATCHKEY_REFRESH_TOKEN_KEYS", get),
  );
  return {
    url,
    issuer: get("LATCHKEY_ISSUER") || `${url}/auth/v1`,
    publishableKey:
      apiKeys("SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_ANON_KEY", get)[0],
    secretKeys: apiKeys(
      "SUPABASE_SECRET_KEYS",
      "SUPABASE_SERVICE_ROLE_KEY",
      get,
    ),
    signingKey: parseSigningKey(
      "LATCHKEY_SIGNING_KEY",
      required("LATCHKEY_SIGNING_KEY", get),
    ),
    jwks: parseJwks("SUPABASE_JWKS", get("SUPABASE_JWKS")),
    refreshTokenKeys,
    currentRefreshTokenKey,
    databaseUrl: get("LATCHKEY_DB_URL") || undefined,
  };
}

type Get = (name: string) => string | undefined;

function required(name: string, get: Get): string {
  const value = get(name);
  if (!value) throw new ConfigurationError(name, "is not set");
  return value;
}

function json(name: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    // The parser's message quotes the value, which is a secret.
    throw new ConfigurationError(name, "is not JSON");
  }
}

/** New projects have named keys as JSON, older ones a single legacy key. */
function apiKeys(
  name: string,
  legacyName: string,
  get: Get,
): [string, ...string[]] {
  const value = get(name);
  if (!value) {
    const legacy = get(legacyName);
    if (!legacy) {
      throw new ConfigurationError(name, `is not set, nor is ${legacyName}`);
    }
    return [legacy];
  }
  const keys = json(name, value);
  const named =
    typeof keys === "object" && keys !== null && !Array.isArray(keys)
      ? keys as Record<string, unknown>
      : {};
  // "default" first: it is the one every project has.
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

function parseSigningKey(
  name: string,
  value: string,
): JWK & { alg: string; kid: string } {
  const key = json(name, value) as JWK;
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
  const alg = key.alg ?? (key.kty === "oct" ? "HS256" : undefined);
  if (!alg) throw new ConfigurationError(name, "has no alg");
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

/** `"2:<base64url>,1:<base64url>"`: the first key signs, all of them verify. */
function parseKeyRing(
  name: string,
  value: string,
): [number, Map<number, Uint8Array<ArrayBuffer>>] {
  const ring = new Map<number, Uint8Array<ArrayBuffer>>();
  for (const entry of value.split(",")) {
    const [, id, encoded] = /^\s*(\d{1,3}):([A-Za-z0-9_-]+)\s*$/.exec(entry) ??
      [];
    if (!id || !encoded || Number(id) > 255) {
      throw new ConfigurationError(
        name,
        'is not a list like "2:<base64url>,1:<base64url>" with ids from 0 to 255',
      );
    }
    if (ring.has(Number(id))) {
      throw new ConfigurationError(name, `has key id ${id} twice`);
    }
    const key = fromBase64Url(encoded);
    if (!key || key.length < 32) {
      throw new ConfigurationError(
        name,
        `has a key (id ${id}) of less than 32 bytes`,
      );
    }
    ring.set(Number(id), key);
  }
  return [ring.keys().next().value!, ring];
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
