/**
 * The cookie that holds a session on the app's own origin.
 *
 * Its value is the refresh token, a dot, and the access token. Both are in one
 * cookie, so that a browser replaces them together. The access token is in it
 * because without it every request would have to refresh. A value that is too
 * long is split: `<name>.0`, `<name>.1`, … The refresh token comes first, so
 * that it survives if two parallel responses mix their parts: the access token
 * then fails the verification, and is refreshed.
 *
 * After the server ended a session, the value is `ended.<reason>` for a while,
 * so that every page that is rendered meanwhile can say why.
 *
 * @module
 */
import type { EndReason } from "../client/types.ts";
import type { Cookie, CookieToSet } from "./types.ts";

/** The tokens of an active session. */
export interface CookieTokens {
  refreshToken: string;
  accessToken: string;
}

/** What the cookie says. */
export type CookieContent = CookieTokens | { ended: EndReason };

/** Browsers limit a cookie to 4,096 bytes with its name and attributes. */
const LONGEST_PART = 3_180;
const MOST_PARTS = 8;

/** The longest that browsers keep a cookie (RFC 6265bis section 5.5). */
const LONGEST_SECONDS = 400 * 86_400;
const ENDED_SECONDS = 3_600;

/**
 * Headers for every response that sets the cookie, so that no cache gives one
 * user's session to another.
 */
export const UNCACHEABLE: Readonly<Record<string, string>> = {
  "Cache-Control": "private, no-cache, no-store, must-revalidate, max-age=0",
  Expires: "0",
  Pragma: "no-cache",
};

/**
 * Sets the headers on a response that sets the cookie, and by default on every
 * response to a browser that has cookies, because it may show what only this
 * user may see: no cache and no back button should show it to the next one.
 *
 * @returns The response, or a copy if its headers cannot be changed. With
 * `setsCookie`, the headers of the result can be changed.
 */
export function keepPrivate(
  request: { headers: Headers },
  response: Response,
  setsCookie: boolean,
): Response {
  const mayBePersonal = request.headers.has("Cookie") &&
    !response.headers.has("Cache-Control");
  if (!setsCookie && !mayBePersonal) return response;
  const changed = mutable(response);
  for (const [name, value] of Object.entries(UNCACHEABLE)) {
    changed.headers.set(name, value);
  }
  return changed;
}

/** The response, or a copy if its headers cannot be changed. */
function mutable(response: Response): Response {
  try {
    // Throws for a response of `fetch` or `Response.redirect`.
    response.headers.delete("Set-Cookie-None");
    return response;
  } catch {
    return new Response(response.body, response);
  }
}

/** Reads and writes the cookie. */
export class SessionCookie {
  readonly name: string;

  constructor(name: string, readonly secure: boolean) {
    // A browser accepts this prefix only from the host itself, so another
    // subdomain cannot plant a cookie that is read here.
    this.name = secure ? `__Host-${name}` : name;
  }

  /** The name of the cookie with the browser's id, which outlives sessions. */
  get deviceName(): string {
    return `${this.name}-device`;
  }

  /** The cookie with the browser's id. */
  device(id: string): CookieToSet {
    return this.#cookie("-device", id, LONGEST_SECONDS);
  }

  /** The content; null if there is no cookie, or one that is malformed. */
  read(cookies: Cookie[]): CookieContent | null {
    const values = new Map(cookies.map(({ name, value }) => [name, value]));
    let value = values.get(this.name) ?? "";
    for (let i = 0; i < MOST_PARTS && !values.get(this.name); i++) {
      value += values.get(`${this.name}.${i}`) ?? "";
    }
    const [, refreshToken, accessToken] = /^(lkr_[\w-]+)\.(.*)$/.exec(value) ??
      [];
    if (refreshToken) return { refreshToken, accessToken: accessToken! };
    const [, reason] = /^ended\.([a-z_]+)$/.exec(value) ?? [];
    return reason ? { ended: reason as EndReason } : null;
  }

  /**
   * The cookies to set for a content, or to delete it; with those that delete
   * what is left of a longer or shorter value.
   *
   * @param present The cookies that the browser has.
   */
  write(content: CookieContent | null, present: Cookie[]): CookieToSet[] {
    const value = !content
      ? ""
      : "ended" in content
      ? `ended.${content.ended}`
      : `${content.refreshToken}.${content.accessToken}`;
    const parts = value.match(new RegExp(`.{1,${LONGEST_PART}}`, "g")) ?? [];
    const maxAge = content && "ended" in content
      ? ENDED_SECONDS
      : LONGEST_SECONDS;
    const set = parts.map((part, i) =>
      this.#cookie(parts.length > 1 ? `.${i}` : "", part, maxAge)
    );
    const isOurs = (name: string) =>
      name === this.name ||
      name.startsWith(`${this.name}.`) &&
        /^\d$/.test(name.slice(this.name.length + 1));
    const left = present.filter(({ name }) =>
      isOurs(name) && !set.some((cookie) => cookie.name === name)
    );
    return [
      ...set,
      ...left.map(({ name }) =>
        this.#cookie(name.slice(this.name.length), "", 0)
      ),
    ];
  }

  #cookie(suffix: string, value: string, maxAge: number): CookieToSet {
    return {
      name: this.name + suffix,
      value,
      options: {
        httpOnly: true,
        secure: this.secure,
        sameSite: "lax",
        path: "/",
        maxAge,
      },
    };
  }
}
