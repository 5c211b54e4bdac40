import { base64url } from "jose";
import { RefreshTokens } from "../../supabase/functions/_latchkey/refresh_token.ts";
import type { KeyRing } from "../key_ring.ts";
import { type Diagnosis, list, ok, skipped, wrong } from "./finding.ts";

/** The keys that verify refresh tokens, and where they come from. */
export interface Ring {
  keys: KeyRing;
  source: string;
}

// supabase/functions/_latchkey/refresh_token.ts defines the format, but does not
// say what is wrong with a token.
const VERSION = 1;
const LENGTH = 70;

/** Checks a refresh token of Latchkey, `lkr_…`. */
export function examineRefreshToken(
  token: string,
  ring?: Ring,
): Diagnosis {
  const subject = "A refresh token of Latchkey";
  const text = token.slice("lkr_".length);
  const bytes = decode(text);
  if (!bytes) {
    return {
      subject,
      findings: [wrong(
        "The part after lkr_ is not base64url without padding: it was changed " +
          "when it was copied or stored. Sign in again.",
      )],
    };
  }
  if (bytes[0] !== VERSION) {
    return {
      subject,
      findings: [wrong(
        `Its version is ${bytes[0] ?? "missing"}, and this Latchkey knows ` +
          `version ${VERSION}. Sign in again, or update the functions.`,
      )],
    };
  }
  if (bytes.length !== LENGTH) {
    return {
      subject,
      findings: [wrong(
        `It has ${bytes.length} bytes instead of ${LENGTH}: it was cut off ` +
          "or changed when it was copied or stored. Sign in again.",
      )],
    };
  }
  const keyId = bytes[1]!;
  const sessionId = uuid(bytes.subarray(2, 18));
  const generation = new DataView(bytes.buffer).getUint32(18);
  const parts = ok(
    `Version ${VERSION}, key id ${keyId}, session ${sessionId}, generation ${generation}.`,
  );
  if (!ring) {
    return {
      subject,
      findings: [
        parts,
        skipped(
          "Its HMAC was not checked: set LATCHKEY_REFRESH_TOKEN_KEYS, or pass " +
            "--project with the folder whose supabase/functions/.env holds it.",
        ),
      ],
      sessionId,
      generation,
    };
  }
  if (!ring.keys.has(keyId)) {
    return {
      subject,
      findings: [
        parts,
        wrong(
          `Its key id ${keyId} is not among the keys in ${ring.source} (${
            list([...ring.keys.keys()].map(String))
          }): the key was removed, or the token is another project's, the ` +
            "local stack's included. Sign in again.",
        ),
      ],
    };
  }
  const tokens = new RefreshTokens(ring.keys, keyId);
  if (!tokens.read(token)) {
    return {
      subject,
      findings: [
        parts,
        wrong(
          `Its HMAC does not match key ${keyId} in ${ring.source}: the token ` +
            "was changed or forged, or it is another project's or the local " +
            "stack's. Sign in again.",
        ),
      ],
    };
  }
  return {
    subject,
    findings: [parts, ok(`Its HMAC matches key ${keyId} in ${ring.source}.`)],
    sessionId,
    generation,
  };
}

function decode(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(base64url.decode(text));
  // Each token has exactly one valid text, so different unused bits mean that
  // it was changed.
  return base64url.encode(bytes) === text ? bytes : undefined;
}

/** The 16 bytes of a UUID as text. */
export function uuid(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
