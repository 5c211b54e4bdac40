/**
 * The part of `next/server` that server/next.ts uses, for the same reason as
 * headers.ts.
 */
import { parseCookie, stringifyCookie, stringifySetCookie } from "cookie";

export interface ResponseCookie {
  httpOnly?: boolean;
  secure?: boolean;
  sameSite?: "lax" | "strict" | "none" | boolean;
  path?: string;
  maxAge?: number;
}

/** The cookies of a request; a change is written to its header. */
export class RequestCookies {
  constructor(readonly headers: Headers) {}

  #read() {
    return parseCookie(this.headers.get("Cookie") ?? "");
  }
  getAll(): { name: string; value: string }[] {
    return Object.entries(this.#read())
      .map(([name, value]) => ({ name, value: value! }));
  }
  set(name: string, value: string): void {
    const cookies = { ...this.#read(), [name]: value };
    this.headers.set("Cookie", stringifyCookie(cookies));
  }
  delete(name: string): void {
    const { [name]: _, ...cookies } = this.#read();
    this.headers.set("Cookie", stringifyCookie(cookies));
  }
}

export class NextRequest extends Request {
  readonly cookies: RequestCookies;

  constructor(...[input, init]: ConstructorParameters<typeof Request>) {
    super(input, init);
    this.cookies = new RequestCookies(this.headers);
  }
}

export class NextResponse extends Response {
  readonly cookies: {
    set(name: string, value: string, options?: ResponseCookie): void;
  } = {
    set: (name, value, options) =>
      this.headers.append(
        "Set-Cookie",
        stringifySetCookie(name, value, options),
      ),
  };

  /** Continues with the page, which reads the headers of `request`. */
  static next({ request }: { request?: { headers: Headers } } = {}) {
    const response = new NextResponse();
    // The tests read this header, as Next.js reads its own.
    const cookie = request?.headers.get("Cookie");
    if (cookie) response.headers.set("Test-Request-Cookie", cookie);
    return response;
  }
}
