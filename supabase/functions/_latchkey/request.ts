/**
 * What callers send, parsed: bodies, credentials and client facts. Everything
 * here returns what it found or a refusal that says how to send it right.
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { Environment } from "./environment.ts";
import { Refusal } from "./outcomes.ts";

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/**
 * Reads an id as people and programs write it, in upper or lower case.
 *
 * @returns It in lower case, as tokens and the database have it, so that two
 * ids can be compared; `undefined` for what is not a UUID (RFC 9562 section 4).
 */
export function parseUuid(text: string): string | undefined {
  const uuid = text.toLowerCase();
  return UUID.test(uuid) ? uuid : undefined;
}

/** Reads an id that may be absent, or says which parameter is not a UUID. */
export function optionalUuid(
  name: string,
  text: string | undefined,
): string | undefined | Refusal {
  if (text === undefined) return undefined;
  return parseUuid(text) ?? malformed(`The ${name} is not a UUID.`);
}

/** No request of the contract comes near this. */
const MAX_BODY_BYTES = 16 * 1024;
/** Nor does a request take this long to arrive. */
const BODY_MILLISECONDS = 5_000;

/** Controls, line separators, and marks that make a text read backwards. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** A parsed body. In a form every value is a string. */
export type Body = Record<string, unknown>;

/**
 * Reads a body of at most 16 KiB, JSON or (where the endpoint speaks OAuth) a
 * form.
 *
 * RFC 6749 section 3.2: parameters sent without a value are as if omitted,
 * repeated ones are refused, and unknown ones are ignored in a form; in JSON,
 * which only this contract defines, an unknown one is a typing error.
 *
 * @param known The parameters of the endpoint.
 */
export async function readBody(
  request: Request,
  { known, forms = false }: { known: readonly string[]; forms?: boolean },
): Promise<{ type: "json" | "form"; body: Body } | Refusal> {
  const accepted = forms
    ? "application/json or application/x-www-form-urlencoded"
    : "application/json";
  const contentType = request.headers.get("Content-Type")?.split(";")[0]?.trim()
    .toLowerCase();
  const isForm = contentType === "application/x-www-form-urlencoded";
  if (!(contentType === "application/json" || forms && isForm)) {
    return malformed(`Send the body as Content-Type ${accepted}.`);
  }
  const text = await readText(request);
  if (text instanceof Refusal) return text;
  if (isForm) {
    const form = new URLSearchParams(text);
    if (new Set(form.keys()).size < form.size) {
      return malformed("Send each parameter once.");
    }
    const body = Object.fromEntries(
      [...form].filter(([, value]) => value !== ""),
    );
    return { type: "form", body };
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return malformed("The body is not JSON.");
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return malformed("Send a JSON object.");
  }
  if (Object.keys(body).some((name) => !known.includes(name))) {
    return malformed(
      `The body has a parameter that is not known here: send ${list(known)}.`,
    );
  }
  return { type: "json", body: body as Body };
}

async function readText(request: Request): Promise<string | Refusal> {
  const tooLarge = malformed(
    `The body is larger than ${MAX_BODY_BYTES} bytes.`,
  );
  if (Number(request.headers.get("Content-Length")) > MAX_BODY_BYTES) {
    return tooLarge;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    reader?.cancel();
  }, BODY_MILLISECONDS);
  try {
    for (let part = await reader?.read(); part && !part.done;) {
      size += part.value.byteLength;
      if (size > MAX_BODY_BYTES) return tooLarge;
      chunks.push(part.value);
      part = await reader!.read();
    }
  } catch {
    late = true;
  } finally {
    clearTimeout(deadline);
  }
  if (late) return malformed("The body broke off: send it whole.");
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return malformed("The body is not UTF-8.");
  }
}

/**
 * Takes strings out of a body.
 *
 * @param limits Greatest length in characters by parameter.
 * @returns The strings that are there, or a refusal that names the first that
 * is not a string, too long, or has control characters in it, which Postgres
 * cannot store and no honest client sends.
 */
export function strings<Name extends string>(
  body: Body,
  limits: Record<Name, number>,
): Partial<Record<Name, string>> | Refusal {
  const found: Partial<Record<Name, string>> = {};
  for (const [name, limit] of Object.entries(limits) as [Name, number][]) {
    const value = body[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== "string") {
      return malformed(`The parameter ${name} must be a string.`);
    }
    if (value.length > limit) {
      return malformed(
        `The parameter ${name} is longer than ${limit} characters.`,
      );
    }
    if (UNPRINTABLE.test(value) || !value.isWellFormed()) {
      return malformed(`The parameter ${name} has control characters in it.`);
    }
    found[name] = value;
  }
  return found;
}

/**
 * RFC 6750 section 2.1, with the scheme in any case. An API key sent as bearer,
 * as supabase-js does for somebody who is not signed in, is no access token: a
 * new key tells by its prefix, a legacy one by being the `apikey` too.
 *
 * @returns The access token, `undefined` where none was sent, or a refusal
 * where the header is not a bearer token or a second one came along.
 */
export function bearerToken(request: Request): string | undefined | Refusal {
  const header = request.headers.get("Authorization");
  // RFC 6750 section 3.1: a scheme that is not spoken here is no token at all.
  if (!header || !/^bearer\b/i.test(header)) return undefined;
  const [, token] = /^bearer +([\x21-\x2b\x2d-\x7e]+) *$/i.exec(header) ?? [];
  if (!token) {
    return malformed(
      "Send the header as Authorization: Bearer <access_token>, once.",
    );
  }
  const isApiKey = token.startsWith("sb_") ||
    token === request.headers.get("apikey");
  return isApiKey ? undefined : token;
}

/** Query parameters that hold a secret by their name, whatever is in them. */
const SECRET_PARAMETERS = new Set([
  "access_token",
  "refresh_token",
  "id_token",
  "token",
  "jwt",
  "password",
  "secret",
  "client_secret",
  "authorization",
  "code",
]);

/** A refresh token, a secret key or a JWT, wherever it occurs in a URL. */
const SECRET_TEXT = /lkr_|sb_secret_|eyJ[\w-]+\.[\w-]+\./;

/**
 * Refuses a URL that holds a token, a password or a secret key: by the name of
 * a query parameter (`?Token=` and `?token[]=` too), or by the text itself.
 *
 * @see RFC 6750 section 5.3: URLs end up in logs and in browser histories.
 */
export function refuseSecretInUrl(request: Request): Refusal | undefined {
  const { pathname, search, searchParams } = new URL(request.url);
  const names = [...searchParams.keys()].map((name) =>
    name.toLowerCase().replace(/[^a-z_].*/s, "")
  );
  if (
    names.some((name) => SECRET_PARAMETERS.has(name)) ||
    SECRET_TEXT.test(percentDecode(pathname + search))
  ) {
    return malformed(
      "A token, password or secret key does not belong in a URL. Send it in a header or in the body, and revoke it: URLs are logged.",
    );
  }
}

/** Decodes each percent-encoded ASCII character; the rest stays as it is. */
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
  { secretKeys }: Pick<Environment, "secretKeys">,
): Refusal | undefined {
  const apikey = request.headers.get("apikey") ?? "";
  const sent = [
    ...apikey.includes("sb_secret_") ? [apikey] : [],
    ...request.headers.get("Authorization")?.match(/sb_secret_\S*/g) ?? [],
  ];
  if (sent.every((key) => isSecretKey(key, secretKeys))) return;
  return new Refusal("forbidden", {
    description:
      "This secret key is not one of this project. Check the apikey and Authorization headers.",
  });
}

/**
 * Whether the `apikey` header is one of the project's secret keys. A wrong one
 * never gets here, see {@link refuseUnknownSecretKey}.
 */
export function isAdministrator(
  request: Request,
  { secretKeys }: Pick<Environment, "secretKeys">,
): boolean {
  const key = request.headers.get("apikey");
  return key !== null && isSecretKey(key, secretKeys);
}

function isSecretKey(key: string, secretKeys: readonly string[]): boolean {
  return secretKeys.some((secretKey) => equal(key, secretKey));
}

/**
 * Lets only an administrator through.
 *
 * @returns Undefined for the secret key alone. Else a refusal: `missing_token`
 * without any credential, `forbidden` with one that is not enough.
 */
export function requireAdministrator(
  request: Request,
  environment: Pick<Environment, "secretKeys">,
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

/** Compares digests in constant time, so that the time says nothing of the key. */
function equal(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** What is known of the caller's address and browser. */
export interface Client {
  /** Shown in the list of devices. Without a trusted header, the client's claim. */
  ip: string | null;
  /** The address that the gateway vouches for; null where it names none. */
  trustedIp: string | null;
  /**
   * The address that attempts are counted for: null where no header is trusted,
   * and {@link UNREADABLE_ADDRESS} where the trusted header holds no address.
   */
  countedIp: string | null;
  /** The browser, by its own account. */
  userAgent: string | null;
}

/**
 * Stands for every client whose address the trusted header does not tell. They
 * share one counter: without it a gateway's odd format would switch it off.
 * No client has this address (RFC 1122 section 3.2.1.3).
 */
export const UNREADABLE_ADDRESS = "0.0.0.0";

/**
 * Reads the caller's address and browser.
 *
 * @param environment Names the header that the platform's gateway sets. In a
 * list the last address counts: the nearest gateway appended it, and the client
 * may have made up those before it.
 */
export function client(
  request: Request,
  { clientAddressHeader }: Pick<Environment, "clientAddressHeader"> = {},
): Client {
  const addresses = (name: string) =>
    (request.headers.get(name) ?? "").split(",").map(parseAddress);
  const trustedIp = clientAddressHeader
    ? addresses(clientAddressHeader).at(-1)!
    : null;
  return {
    // Without a trusted header the first address is the best guess. The client
    // may have made it up, so it is only shown.
    ip: clientAddressHeader ? trustedIp : addresses("X-Forwarded-For")[0]!,
    trustedIp,
    countedIp: trustedIp ?? (clientAddressHeader ? UNREADABLE_ADDRESS : null),
    // A header may hold any byte; text in Postgres and Auth may not.
    userAgent: request.headers.get("User-Agent")
      ?.replace(/[^\x20-\x7e]/g, "?") ?? null,
  };
}

/** Reads an IP address, alone or as gateways write it: with a port, in brackets. */
function parseAddress(text: string): string | null {
  const trimmed = text.trim();
  const [, ipv6, ipv4] =
    /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(trimmed) ?? [];
  const address = ipv6 ?? ipv4 ?? trimmed;
  // Postgres knows no zone (fe80::1%eth0).
  return isIP(address) && !address.includes("%") ? address : null;
}

/** An `invalid_request` that says how to send it right. */
export function malformed(description: string): Refusal {
  return new Refusal("invalid_request", { description });
}

/** A, b or c. */
export function list(words: readonly string[]): string {
  return new Intl.ListFormat("en", { type: "disjunction" }).format(words);
}
