/**
 * Whether a request comes from the app's own pages.
 *
 * `SameSite=Lax` keeps the cookie out of other sites' requests, except top-level
 * navigations. It does not keep other subdomains of the same site out, so the
 * request's headers decide. A page cannot set them.
 *
 * @see https://www.w3.org/TR/fetch-metadata/
 * @module
 */
import { SessionError } from "../client/errors.ts";

/** What is needed of a request. */
export interface RequestOrigin {
  headers: Headers;
  url?: string;
}

/** Whether the app's own origin sent the request. */
export function isOwnOrigin(
  { headers, url }: RequestOrigin,
  origin?: string,
): boolean {
  const site = headers.get("Sec-Fetch-Site");
  if (site !== null) return site === "same-origin";
  // A browser before 2023, or a page over http. Both send Origin with a POST.
  const sender = headers.get("Origin");
  return sender !== null &&
    sender === (origin ?? (url && new URL(url).origin));
}

/**
 * Refuses a request that changes something unless the app's own origin sent it.
 *
 * @param options.allowNavigation Also allow a link or redirect from elsewhere.
 * A browser sends no `Origin` with one; a form's POST has it.
 * @throws {SessionError} `cross_site_request`
 */
export function requireOwnOrigin(
  request: RequestOrigin,
  origin?: string,
  { allowNavigation = false } = {},
): void {
  const { headers } = request;
  if (isOwnOrigin(request, origin)) return;
  if (
    allowNavigation && !headers.has("Origin") &&
    (headers.get("Sec-Fetch-Mode") ?? "navigate") === "navigate"
  ) return;
  throw new SessionError(
    "cross_site_request",
    "The request does not come from a page of the app, so nothing was changed. " +
      "Send it from a page of the app, with POST. Outside a browser, add the " +
      "header `Sec-Fetch-Site: same-origin`. For browsers that do not send it, " +
      "set `origin`.",
    { status: 403 },
  );
}
