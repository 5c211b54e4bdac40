/**
 * The part of `next/headers` that server/next.ts uses. Next.js itself would be a
 * download of 150 MB only for its types. The tests run this in its place, and
 * the tests of examples/nextjs run Next.js.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { RequestCookies, type ResponseCookie } from "./server.ts";

/** A request as Next.js shows it to a page. */
export interface PageRequest {
  headers: Headers;
  cookies: PageCookies;
}

/** The request that is being answered. */
export const pageRequest = new AsyncLocalStorage<PageRequest>();

/** The cookies of a page's request. */
export class PageCookies extends RequestCookies {
  /** What was set for the response. */
  readonly changes: { name: string; value: string }[] = [];

  constructor(headers: Headers, readonly isReadonly: boolean) {
    super(headers);
  }

  override set(name: string, value: string, _options?: ResponseCookie): void {
    // As Next.js does in a server component.
    if (this.isReadonly) throw new Error("Cookies can only be modified in …");
    this.changes.push({ name, value });
    super.set(name, value);
  }
}

export function cookies(): Promise<PageCookies> {
  return Promise.resolve(pageRequest.getStore()!.cookies);
}

export function headers(): Promise<Headers> {
  return Promise.resolve(pageRequest.getStore()!.headers);
}
