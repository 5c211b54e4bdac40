/**
 * The configuration of the endpoints.
 *
 * @module
 */
import { base64url } from "jose";
import { fromBase64Url } from "./bytes.ts";
import {
  ConfigurationError,
  fromProcess,
  type Get,
  needed,
  required,
} from "./configuration.ts";
import {
  apiKeys,
  type GuardEnvironment,
  readGuardEnvironment,
  type SigningKey,
} from "./guard_environment.ts";

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
  /** The origins that may use cookie mode; absent where it is off. */
  cookies?: { origins: string[]; sameSite: "Strict" | "Lax" | "None" };
  /** Where clients reach the functions: without a slash at the end. */
  functionsUrls: string[];
  /**
   * The thumbprints (RFC 7638) of the keys of the app's own servers. They are
   * trusted to name the address of the browser for which they send a request.
   */
  serverThumbprints: string[];
  /**
   * The header in which the platform's gateway names the client's address.
   * Without it, no header is trusted and sign-ins are not counted per address.
   */
  clientAddressHeader?: string;
  /**
   * The header in which the platform's gateway names the client's country.
   * Without it, no change of country is noticed.
   */
  countryHeader?: string;
  /** Whether to tell Supabase Auth the client's address, as Sb-Forwarded-For. */
  forwardClientAddress: boolean;
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
  const issuer = get("LATCHKEY_ISSUER") || `${guard.url}/auth/v1`;
  return {
    ...guard,
    issuer,
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
    functionsUrls: parseFunctionsUrls(guard.url, issuer, get),
    serverThumbprints: parseThumbprints("LATCHKEY_SERVER_THUMBPRINTS", get),
    clientAddressHeader,
    countryHeader: headerName("LATCHKEY_COUNTRY_HEADER", get),
    forwardClientAddress: forwarding(
      "LATCHKEY_FORWARD_CLIENT_ADDRESS",
      { clientAddressHeader, secretKey: secretKeys[0] },
      get,
    ),
  };
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
  // Supabase accepts the header only together with a new secret key. A legacy
  // key is a token.
  if (!secretKey.startsWith("sb_secret_")) {
    throw new ConfigurationError(
      name,
      "is true, but the first of SUPABASE_SECRET_KEYS is no sb_secret_… key",
    );
  }
  return true;
}

/** The entries of a comma-separated list. */
function entries(name: string, get: Get): string[] {
  return get(name)?.split(",").map((entry) => entry.trim()).filter(Boolean) ??
    [];
}

/**
 * The project's own URL, the one that the issuer names (behind a gateway,
 * SUPABASE_URL is internal), and those of `LATCHKEY_FUNCTIONS_URLS`. On a
 * developer's machine the project has two names.
 */
function parseFunctionsUrls(url: string, issuer: string, get: Get): string[] {
  const name = "LATCHKEY_FUNCTIONS_URLS";
  const listed = entries(name, get);
  for (const entry of listed) {
    // Anything else would never match.
    if (
      !/^https?:/.test(entry) || !URL.canParse(entry) ||
      new URL(entry).href.replace(/\/$/, "") !== entry || /[?#@]/.test(entry)
    ) {
      throw new ConfigurationError(
        name,
        "is not a list like https://api.example.com/functions/v1, without a slash at the end",
      );
    }
  }
  const projects = [url, ...issuer.match(/^https?:.+(?=\/auth\/v1$)/) ?? []]
    .map((project) => new URL(`${project}/functions/v1`).href);
  return [
    ...new Set([
      ...projects,
      ...projects.map((url) => url.replace("//127.0.0.1:", "//localhost:")),
      ...projects.map((url) => url.replace("//localhost:", "//127.0.0.1:")),
      ...listed,
    ]),
  ];
}

function parseThumbprints(name: string, get: Get): string[] {
  const thumbprints = entries(name, get);
  // Any other spelling would never match.
  if (!thumbprints.every((entry) => fromBase64Url(entry)?.length === 32)) {
    throw new ConfigurationError(
      name,
      "is not a list of JWK thumbprints (SHA-256, 43 characters of base64url)",
    );
  }
  return thumbprints;
}

function parseCookies(get: Get): Environment["cookies"] {
  const origins = entries("LATCHKEY_COOKIE_ORIGINS", get);
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
