/** A path of this app. Anything else, such as another site's URL, becomes /notes. */
export function ownPath(path: unknown): string {
  const here = "http://localhost";
  if (typeof path !== "string" || !URL.canParse(path, here)) return "/notes";
  const url = new URL(path, here);
  const own = url.pathname + url.search;
  // The parser turns /.//evil.example into //evil.example, which a browser takes
  // for another site.
  return path.startsWith("/") && url.origin === here && !own.startsWith("//")
    ? own
    : "/notes";
}
