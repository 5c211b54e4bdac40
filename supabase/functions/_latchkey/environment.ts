/**
 * What a function needs to know, read once when it starts. A missing or
 * malformed variable stops the function there, and the message names it: half a
 * configuration must not answer requests.
 *
 * @module
 */
import process from "node:process";
import { base64url, type JWK } from "jose";

/** What it takes to check an access token and its session. */
export interface GuardEnvironment {
  /** The project's URL, without a slash at the end. */
  url: string;
  /** The project's public keys, for tokens that Supabase Auth signed. */
  jwks: JWK[];
  /** The private key that signs access tokens, imported into Supabase as a signing key. */
  signingKey?: SigningKey;
  /** Keys that make a caller an administrator. The first one is used for the Data API. */
  secretKeys?: [string, ...string[]];
  /** Postgres connection string; where it is absent the Data API is used. */
  databaseUrl?: string;
}

/** The configuration of Latchkey's functions. */
export interface Environment extends GuardEnvironment {
  /** The `iss` of access tokens. */
  issuer: string;
  /** The publishable key (or the legacy anon key), for calls to Supabase Auth. */
  publishableKey: string;
  secretKeys: [string, ...string[]];
  signingKey: SigningKey;
  /** HMAC keys of refresh tokens by key id. */
  refreshTokenKeys: Map<number, Uint8Array<ArrayBuffer>>;
  /** The key id that signs new refresh tokens. */
  currentRefreshTokenKey: number;
  /** Who may have refresh tokens in cookies; where it is absent nobody may. */
  cookies?: { origins: string[]; sameSite: "Strict" | "Lax" | "None" };
  /**
   * The header in which the platform's gateway names the client's address. Where
   * it is absent no header is trusted, and nothing is counted per address.
   */
  clientAddressHeader?: string;
  /** Whether Supabase Auth is told the client's address, as Sb-Forwarded-For. */
  forwardClientAddress: boolean;
}

/** A private JWK that says which key it is and what it signs with. */
export type SigningKey = JWK & { alg: string; kid: string };

/** A variable that is missing or malformed. */
export class ConfigurationError extends Error {
  override name = "ConfigurationError";

  /**
   * @param variable What is wrong.
   * @param problem What is wrong with it, never quoting its value.
   */
  constructor(readonly variable: string, readonly problem: string) {
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
export function readEnvironment(get: Get = fromProcess): Environment {
  const guard = readGuardEnvironment(get);
  const refreshTokenKeys = parseKeyRing(
    required("LATCHKEY_REFRESH_TOKEN_KEYS", get),
  );
  const secretKeys = needed(
    guard.secretKeys,
    "SUPABASE_SECRET_KEYS",
    "is not set, nor is SUPABASE_SERVICE_ROLE_KEY",
  );
  const clientAddressHeader = headerName(
    "LATCHKEY_CLIENT_ADDRESS_HEADER",
    get,
  );
  return {
    ...guard,
    issuer: get("LATCHKEY_ISSUER") || `${guard.url}/auth/v1`,
    publishableKey: needed(
      apiKeys("SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_ANON_KEY", get),
      "SUPABASE_PUBLISHABLE_KEYS",
      "is not set, nor is SUPABASE_ANON_KEY",
    )[0],
    secretKeys,
    signingKey: needed(guard.signingKey, "LATCHKEY_SIGNING_KEY"),
    refreshTokenKeys,
    currentRefreshTokenKey: refreshTokenKeys.keys().next().value!,
    cookies: parseCookies(get),
    clientAddressHeader,
    forwardClientAddress: forwarding(
      "LATCHKEY_FORWARD_CLIENT_ADDRESS",
      { clientAddressHeader, secretKey: secretKeys[0] },
      get,
    ),
  };
}

/**
 * Reads the part of it that a function of an app needs for its guard.
 *
 * @param get Looks up a variable; `Deno.env.get` by default.
 * @throws {ConfigurationError} `SUPABASE_URL` is missing, or one is malformed.
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

type Get = (name: string) => string | undefined;

// The npm package's guard also runs on Node.js.
const fromProcess: Get = "Deno" in globalThis
  ? (name) => Deno.env.get(name)
  : (name) => process.env[name];

function required(name: string, get: Get): string {
  return needed(get(name) || undefined, name);
}

function needed<T>(
  value: T | undefined,
  name: string,
  problem = "is not set",
): T {
  if (value === undefined) throw new ConfigurationError(name, problem);
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

function headerName(name: string, get: Get): string | undefined {
  const value = get(name);
  if (!value) return undefined;
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(value)) {
    throw new ConfigurationError(
      name,
      "is not the name of one header, like cf-connecting-ip",
    );
  }
  return value;
}

function forwarding(
  name: string,
  { clientAddressHeader, secretKey }: {
    clientAddressHeader: string | undefined;
    secretKey: string;
  },
  get: Get,
): boolean {
  const value = get(name) || "false";
  if (value !== "true" && value !== "false") {
    throw new ConfigurationError(name, "is neither true nor false");
  }
  if (value === "false") return false;
  if (!clientAddressHeader) {
    throw new ConfigurationError(
      name,
      "is true, but LATCHKEY_CLIENT_ADDRESS_HEADER does not say where the address is",
    );
  }
  // Supabase believes the header only of a new key: a legacy one is a token.
  if (!secretKey.startsWith("sb_secret_")) {
    throw new ConfigurationError(
      name,
      "is true, but the first of SUPABASE_SECRET_KEYS is no sb_secret_… key",
    );
  }
  return true;
}

/** New projects have named keys as JSON, older ones a single legacy key. */
function apiKeys(
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

/** What each kind of key signs with; the first is taken where it has no alg. */
const ALGORITHMS: Record<string, [string, ...string[]]> = {
  "EC P-256": ["ES256"],
  "RSA": ["RS256"],
  "OKP Ed25519": ["EdDSA", "Ed25519"],
  "oct": ["HS256", "HS384", "HS512"],
};

/**
 * Takes a value for the key that signs access tokens.
 *
 * @param name Where the value is from, for the error.
 * @returns The key, with the `alg` that follows from its kind if it had none.
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

function parseCookies(get: Get): Environment["cookies"] {
  const origins = get("LATCHKEY_COOKIE_ORIGINS")?.split(",")
    .map((origin) => origin.trim()).filter(Boolean) ?? [];
  for (const origin of origins) {
    // A wildcard, a path or a slash at the end would never match.
    if (
      origin.includes("*") || !URL.canParse(origin) ||
      new URL(origin).origin !== origin
    ) {
      throw new ConfigurationError(
        "LATCHKEY_COOKIE_ORIGINS",
        "is not a list like https://app.example,http://localhost:3000",
      );
    }
  }
  const given = (get("LATCHKEY_COOKIE_SAME_SITE") || "strict").toLowerCase();
  const sameSite = (["Strict", "Lax", "None"] as const)
    .find((value) => value.toLowerCase() === given);
  if (!sameSite) {
    throw new ConfigurationError(
      "LATCHKEY_COOKIE_SAME_SITE",
      "is not strict, lax or none",
    );
  }
  return origins.length ? { origins, sameSite } : undefined;
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

/**
 * Reads `LATCHKEY_REFRESH_TOKEN_KEYS`, `"2:<base64url>,1:<base64url>"`.
 *
 * @returns HMAC keys by key id, in their order: the first signs, all verify.
 * @throws {ConfigurationError} It is malformed, or a key is too short.
 */
export function parseKeyRing(
  value: string,
): Map<number, Uint8Array<ArrayBuffer>> {
  const name = "LATCHKEY_REFRESH_TOKEN_KEYS";
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
    const key = decode(encoded);
    if (!key || key.length < 32) {
      throw new ConfigurationError(
        name,
        `has a key (id ${id}) of less than 32 bytes`,
      );
    }
    ring.set(Number(id), key);
  }
  return ring;
}

function decode(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(base64url.decode(text));
  } catch {
    return undefined;
  }
}
