import type { NextRequest } from "next/server";
import { handleProxy } from "@/lib/session";

/** Refreshes the session where that is due, before a page is rendered. */
export function proxy(request: NextRequest) {
  return handleProxy(request);
}

export const config = {
  matcher: ["/((?!_next/static|_next/image|icon.svg).*)"],
};
