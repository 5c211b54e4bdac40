/**
 * The private key of the app's servers, which signs the proofs of their
 * sessions.
 *
 * @module
 */
import { SessionError } from "../client/errors.ts";
import { importProofKey } from "../client/proof_key.ts";
import type { ProofKey } from "../client/types.ts";

/** A private P-256 key. */
export interface ServerKey extends JsonWebKey {
  kty: "EC";
  crv: "P-256";
  x: string;
  y: string;
  d: string;
}

const VARIABLE = "LATCHKEY_SERVER_KEY";

const ADVICE =
  "Run `npx supabase-latchkey keys --server` and set it in the environment of " +
  "the app's servers.";

/**
 * Reads the key, by default from `LATCHKEY_SERVER_KEY`.
 *
 * @throws {SessionError} `invalid_options`, if it is missing or not a private
 * P-256 key.
 */
export function readServerKey(
  key: string | JsonWebKey | undefined =
    (globalThis as { process?: { env: Record<string, string | undefined> } })
      .process?.env[VARIABLE],
): ServerKey {
  if (!key) throw invalid(`${VARIABLE} is missing. ${ADVICE}`);
  let jwk: unknown = key;
  try {
    if (typeof key === "string") jwk = JSON.parse(key);
  } catch {
    // Not with the cause, which quotes the key.
    throw invalid(`${VARIABLE} is not JSON. ${ADVICE}`);
  }
  if (!isServerKey(jwk)) {
    throw invalid(
      `${VARIABLE} is not a private P-256 key in JWK form. ${ADVICE}`,
    );
  }
  return jwk;
}

/** Imported keys by their private member; an app has one. */
const imported = new Map<string, Promise<ProofKey>>();

/** The key in the form that signs proofs. */
export function proofKey(key: ServerKey): Promise<ProofKey> {
  let known = imported.get(key.d);
  if (!known) imported.set(key.d, known = importProofKey(key));
  return known;
}

function isServerKey(jwk: unknown): jwk is ServerKey {
  const { kty, crv, ...rest } = (jwk ?? {}) as Record<string, unknown>;
  return kty === "EC" && crv === "P-256" &&
    ["x", "y", "d"].every((name) => typeof rest[name] === "string");
}

function invalid(message: string): SessionError {
  return new SessionError("invalid_options", message);
}
