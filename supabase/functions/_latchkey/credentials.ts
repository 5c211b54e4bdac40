/**
 * The credentials of a request: access tokens, and API keys.
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { decodeJwt } from "jose";
import { malformed, Refusal } from "./outcomes.ts";

/** The keys that make a caller an administrator. */
interface SecretKeys {
  secretKeys: readonly string[];
}

/**
 * Reads the access token of the Authorization header.
 *
 * supabase-js sends the API key as bearer while no user is signed in. An API
 * key is not an access token. It is recognized by its prefix, or, if it is a
 * legacy key, because it equals the `apikey` header.
 *
 * @returns The token, `undefined` without one, or a refusal where the header is
 * malformed or holds two tokens.
 * @see RFC 6750 section 2.1. The scheme is case-insensitive (RFC 9110, 11.1).
 */
export function bearerToken(request: Request): string | undefined | Refusal {
  const header = request.headers.get("Authorization");
  // RFC 6750 section 3.1: other authorization schemes count as no token.
  if (!header || !/^bearer\b/i.test(header)) return undefined;
  const [, token] = /^bearer +([\x21-\x2b\x2d-\x7e]+) *$/i.exec(header) ?? [];
  if (!token) {
    return malformed(
      "Send the header as Authorization: Bearer <access_token>, once.",
    );
  }
  const isApiKey = token.startsWith("sb_") ||
    token === request.headers.get("apikey") && isLegacyApiKey(token);
  return isApiKey ? undefined : token;
}

/** Not verified: such a key only counts as no token. */
function isLegacyApiKey(token: string): boolean {
  try {
    return ["anon", "service_role"].includes(decodeJwt(token).role as string);
  } catch {
    return false;
  }
}

/**
 * Words in the name of a query parameter that say that its value is a secret, in
 * lower case and without underscores.
 */
const SECRET_WORDS = new Set([
  "token",
  "accesstoken",
  "refreshtoken",
  "idtoken",
  "jwt",
  "password",
  "secret",
  "clientsecret",
  "authorization",
  "code",
]);

/**
 * A refresh token, a disavow token, a secret key or a JWT, wherever it occurs in
 * a URL.
 */
const SECRET_TEXT = /lkr_|lkw_|sb_secret_|eyJ[\w-]+\.[\w-]+\./;

/**
 * Refuses a URL that holds a token, a password or a secret key: by the name of
 * a query parameter (also `?accessToken=` and `?token[]=`), or by the text itself.
 *
 * @see RFC 6750 section 5.3: URLs end up in logs and in browser histories.
 */
export function refuseSecretInUrl(request: Request): Refusal | undefined {
  const { pathname, search, searchParams } = new URL(request.url);
  const words = [...searchParams.keys()].flatMap((name) =>
    name.toLowerCase().replaceAll("_", "").split(/[^a-z]+/)
  );
  if (
    words.some((word) => SECRET_WORDS.has(word)) ||
    SECRET_TEXT.test(percentDecode(pathname + search))
  ) {
    return malformed(
      "A token, password or secret key does not belong in a URL. Send it in a header or in the body, and revoke it: URLs are logged.",
    );
  }
}

/** Decodes each percent-encoded ASCII character, and changes nothing else. */
function percentDecode(text: string): string {
  return text.replace(
    /%([0-7][0-9a-f])/gi,
    (_, hex) => String.fromCharCode(parseInt(hex, 16)),
  );
}

/**
 * Refuses a secret key that is not one of this project's, as `apikey` or as
 * bearer: a bad credential never counts as none.
 */
export function refuseUnknownSecretKey(
  request: Request,
  { secretKeys }: SecretKeys,
): Refusal | undefined {
  const apikey = request.headers.get("apikey") ?? "";
  const sent = [
    ...apikey.includes("sb_secret_") ? [apikey] : [],
    ...request.headers.get("Authorization")?.match(/sb_secret_\S*/g) ?? [],
  ];
  if (sent.every((key) => isSecretKey(key, secretKeys))) return;
  return new Refusal("forbidden", {
    description:
      "This is not a secret key of this project. Check the headers apikey and Authorization.",
  });
}

/**
 * Whether the `apikey` header is one of the project's secret keys. A wrong one
 * never gets here, see {@link refuseUnknownSecretKey}.
 */
export function isAdministrator(
  request: Request,
  { secretKeys }: SecretKeys,
): boolean {
  const key = request.headers.get("apikey");
  return key !== null && isSecretKey(key, secretKeys);
}

function isSecretKey(key: string, secretKeys: readonly string[]): boolean {
  return secretKeys.some((secretKey) => equal(key, secretKey));
}

/**
 * Requires an administrator.
 *
 * @returns Undefined if the secret key is the only credential. Otherwise a
 * refusal: `missing_token` without any credential, `forbidden` with one that is
 * not enough.
 */
export function requireAdministrator(
  request: Request,
  environment: SecretKeys,
): Refusal | undefined {
  const bearer = bearerToken(request);
  if (bearer instanceof Refusal) return bearer;
  if (isAdministrator(request, environment)) {
    return bearer === undefined
      ? undefined
      : malformed("Send the secret key or an access token, not both.");
  }
  const hasCredential = bearer !== undefined || request.headers.get("apikey");
  return new Refusal(hasCredential ? "forbidden" : "missing_token", {
    description:
      "Only administrators may do this. Send a secret key as apikey.",
  });
}

/**
 * Compares digests in constant time, so that the time reveals nothing about the
 * key.
 */
function equal(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
