/** A path of this app. Anything else, such as another site's URL, becomes /notes. */
export function ownPath(path: unknown): string {
  if (typeof path !== "string" || !path.startsWith("/")) return "/notes";
  const here = "http://localhost";
  const url = new URL(path, here);
  return url.origin === here ? url.pathname + url.search : "/notes";
}
