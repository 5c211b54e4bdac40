/**
 * What callers send, parsed: bodies, credentials and client facts. Everything
 * here returns what it found or a refusal that says how to send it right.
 *
 * @module
 */
import type { Environment } from "./environment.ts";
import { Refusal } from "./outcomes.ts";

/** What an id looks like; the database takes it in any case. */
export const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

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

/** RFC 6750 section 5.3: a token in a URL ends up in logs and histories. */
export function refuseTokenInUrl(request: Request): Refusal | undefined {
  const { searchParams } = new URL(request.url);
  const names = ["access_token", "refresh_token", "token", "password", "code"];
  if (names.some((name) => searchParams.has(name))) {
    return malformed(
      "A token or password does not belong in a URL: send it in a header or the body, and end the session it belongs to.",
    );
  }
}

/**
 * Whether the caller is an administrator, by the `apikey` header.
 *
 * @returns A refusal for a key that claims to be secret and is none of ours:
 * a bad credential never falls back to a weaker one.
 */
export async function isAdministrator(
  request: Request,
  environment: Environment,
): Promise<boolean | Refusal> {
  const key = request.headers.get("apikey");
  if (!key) return false;
  for (const secretKey of environment.secretKeys) {
    if (await equal(key, secretKey)) return true;
  }
  return key.startsWith("sb_secret_")
    ? new Refusal("forbidden", {
      description: "This secret key is not one of this project.",
    })
    : false;
}

/**
 * Lets only an administrator through.
 *
 * @returns Undefined for the secret key, alone; else a refusal, which tells
 * somebody without any credential from somebody with one that does not do.
 */
export async function requireAdministrator(
  request: Request,
  environment: Environment,
): Promise<Refusal | undefined> {
  const bearer = bearerToken(request);
  if (bearer instanceof Refusal) return bearer;
  const administrator = await isAdministrator(request, environment);
  if (administrator instanceof Refusal) return administrator;
  if (administrator) {
    return bearer === undefined
      ? undefined
      : malformed("Send the secret key or an access token, not both.");
  }
  const description =
    "This is for administrators: send the secret key as apikey.";
  const isAnybody = bearer !== undefined || request.headers.get("apikey");
  return new Refusal(isAnybody ? "forbidden" : "missing_token", {
    description,
  });
}

/** Compares digests, so that the time tells nothing about the key. */
async function equal(a: string, b: string): Promise<boolean> {
  const [x, y] = await Promise.all(
    [a, b].map(async (text) =>
      new Uint8Array(
        await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)),
      )
    ),
  );
  return x!.every((byte, i) => byte === y![i]);
}

/** Who calls, as far as it can be known. */
export interface Client {
  /** For the list of devices. Where no header is trusted, a mere claim. */
  ip: string | null;
  /** The address that the gateway vouches for; null where none does. */
  trustedIp: string | null;
  /** The browser, by its own account. */
  userAgent: string | null;
}

/**
 * The caller's address and browser.
 *
 * @param environment Names the header that the platform's gateway sets. In a
 * list the last address counts: the nearest gateway appended it, and what stands
 * before it the client may have made up.
 */
export function client(
  request: Request,
  { clientAddressHeader }: Pick<Environment, "clientAddressHeader"> = {},
): Client {
  const addresses = (name: string) =>
    (request.headers.get(name) ?? "").split(",").map((text) => text.trim());
  const vouched = clientAddressHeader
    ? addresses(clientAddressHeader).at(-1)!
    : "";
  const trustedIp = isAddress(vouched) ? vouched : null;
  // With no header to trust, the first address is the best guess, and no more:
  // the client may have made it up. It is shown, and nothing depends on it.
  const claimed = clientAddressHeader ? "" : addresses("X-Forwarded-For")[0]!;
  return {
    ip: trustedIp ?? (isAddress(claimed) ? claimed : null),
    trustedIp,
    // A header may hold any byte, a text in Postgres or Auth may not.
    userAgent: request.headers.get("User-Agent")
      ?.replace(/[^\x20-\x7e]/g, "?") ?? null,
  };
}

function isAddress(text: string): boolean {
  // No address is longer, and the time of the search grows with the square.
  if (text.length > 45) return false;
  return /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(text) ||
    /^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text) && URL.canParse(`http://[${text}]`);
}

/** An `invalid_request` that says how to send it right. */
export function malformed(description: string): Refusal {
  return new Refusal("invalid_request", { description });
}

/** A, b or c. */
export function list(words: readonly string[]): string {
  return new Intl.ListFormat("en", { type: "disjunction" }).format(words);
}
