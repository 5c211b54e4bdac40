import { download } from "./requirements.ts";

/** The version of Deno that Supabase's edge runtime reports. */
export const EDGE_RUNTIME_DENO = "2.1.4";

/** Fetches that version of Deno, once, and returns its path. */
export async function fetchDeno(): Promise<string> {
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  const platform = Deno.build.os === "darwin"
    ? `darwin-${arch}`
    : `linux-${arch}-glibc`;
  const manifest = `npm:@deno/${platform}@${EDGE_RUNTIME_DENO}/package.json`;
  // The import makes Deno fetch the package.
  await download(
    `Deno ${EDGE_RUNTIME_DENO}`,
    () => import(manifest, { with: { type: "json" } }),
  );
  return new URL("deno", import.meta.resolve(manifest)).pathname;
}

/** The certificates that this machine trusts, in the one variable that it reads. */
export function certificateEnvironment(): Record<string, string> {
  const certificates = ["DENO_CERT", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]
    .map((name) => Deno.env.get(name)).find((file) => file);
  return certificates ? { DENO_CERT: certificates } : {};
}
