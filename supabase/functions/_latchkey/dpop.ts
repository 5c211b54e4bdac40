/**
 * Reads the DPoP proof of a request: the client signs it with a key that it
 * keeps, and a session that begins with a proof is bound to this key.
 *
 * Only the refresh token is bound. The access token stays a bearer token,
 * because the Data API, Realtime and Storage take no other (RFC 9449 section 5).
 *
 * @see RFC 9449 section 4.3 for what is checked.
 * @module
 */
import { createHash } from "node:crypto";
import {
  calculateJwkThumbprint,
  EmbeddedJWK,
  type JWTPayload,
  jwtVerify,
} from "jose";
import * as v from "valibot";
import { bytea, fromBase64Url } from "./bytes.ts";
import { isAddress, type VouchedClient } from "./client.ts";
import type { Context } from "./context.ts";
import { bearerToken } from "./credentials.ts";
import { note } from "./log.ts";
import { Refusal } from "./outcomes.ts";

/** Longer than any valid proof. */
const MAX_LENGTH = 4096;

/** How far the client's clock may be off, without a nonce from the server. */
const LEEWAY_SECONDS = 60;

/** In one spelling only, so that each key has one thumbprint. */
const COORDINATE = v.pipe(
  v.string(),
  v.check((text) => fromBase64Url(text)?.length === 32),
);

/** WebCrypto does not check all of it: Deno 2.1.4 imports a key with a wrong crv. */
const KEY = v.object({
  kty: v.literal("EC"),
  crv: v.literal("P-256"),
  x: COORDINATE,
  y: COORDINATE,
});

const CLAIMS = v.object({
  jti: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  htm: v.literal("POST"),
  htu: v.string(),
  iat: v.number(),
  ath: v.optional(v.string()),
  nonce: v.optional(v.string()),
});

const VOUCHED_CLAIMS = v.object({
  client_ip: v.optional(v.pipe(v.string(), v.check(isAddress))),
  client_user_agent: v.optional(v.string()),
});

/** A verified proof, or that there is none. */
export interface Proof {
  /** Arguments of `latchkey.login`, `adopt` and `refresh`. */
  key: { proof_jkt: string | null; proof_id: string | null };
  /** The generation in the server's nonce; null if the proof has no such nonce. */
  nonceGeneration: number | null;
  /**
   * What one of the app's own servers says about the browser for which it sends
   * the request.
   */
  client?: VouchedClient;
}

const NO_PROOF: Proof = {
  key: { proof_jkt: null, proof_id: null },
  nonceGeneration: null,
};

/**
 * Reads and verifies the header `DPoP`.
 *
 * @param options.endpoint The endpoint's name, which `htu` must name.
 * @param options.sessionId The session that is refreshed.
 * @returns A refusal if the header is present but the proof is not valid:
 * `invalid_dpop_proof` with what is wrong, or `use_dpop_nonce` with a nonce if
 * only its time is. Only the database knows whether a proof was used before.
 */
export async function readProof(
  request: Request,
  { environment, proofNonces }: Pick<Context, "environment" | "proofNonces">,
  { endpoint, sessionId }: { endpoint: string; sessionId?: string },
): Promise<Proof | Refusal> {
  const header = request.headers.get("DPoP");
  if (header === null) return NO_PROOF;
  const verified = await verify(header);
  if (!verified) {
    return invalid(
      "is not one JWT of type dpop+jwt with a public P-256 key, signed with this key by ES256",
    );
  }
  const claims = check(CLAIMS, verified.payload);
  if (claims instanceof Refusal) return claims;
  if (
    !acceptedUrls(request, endpoint, environment).includes(href(claims.htu))
  ) {
    return invalid(
      "has the claim htu of another URL. It must be the URL of this endpoint, without a query. LATCHKEY_FUNCTIONS_URLS adds URLs",
    );
  }
  if (claims.ath !== undefined && claims.ath !== accessTokenHash(request)) {
    return invalid("has the claim ath of another access token");
  }
  const nonce = claims.nonce === undefined
    ? undefined
    : proofNonces.read(claims.nonce, sessionId);
  // The nonce shows that the proof is new, whatever the client's clock says.
  if (
    claims.nonce === undefined
      ? Math.abs(claims.iat - Date.now() / 1000) > LEEWAY_SECONDS
      : nonce === undefined
  ) {
    return useNonce(proofNonces.issue());
  }
  const isServer = environment.serverThumbprints.includes(verified.thumbprint);
  const vouched = isServer
    ? check(VOUCHED_CLAIMS, verified.payload)
    : undefined;
  if (vouched instanceof Refusal) return vouched;
  if (vouched?.client_ip) note(request, { ip: vouched.client_ip });
  const thumbprint = fromBase64Url(verified.thumbprint)!;
  return {
    key: {
      proof_jkt: bytea(thumbprint),
      // With the key, so that no client uses up the jti of another.
      proof_id: bytea(
        createHash("sha256").update(thumbprint).update(claims.jti).digest()
          .subarray(0, 16),
      ),
    },
    nonceGeneration: nonce?.generation ?? null,
    client: vouched && {
      ip: vouched.client_ip,
      userAgent: vouched.client_user_agent,
    },
  };
}

/** `use_dpop_nonce` with the nonce that the next proof must contain. */
export function useNonce(nonce: string): Refusal {
  return new Refusal("use_dpop_nonce", { nonce });
}

/** Refuses a new session without a proof, as `settings.require_proof` says. */
export function proofRequired(): Refusal {
  return new Refusal("invalid_dpop_proof", {
    description:
      "This project requires a DPoP proof to sign in. Send one in the header DPoP.",
  });
}

/** Refuses a proof that was used before. */
export function replayedProof(): Refusal {
  return invalid("was used before. Make a new one for each request");
}

/** The content of a proof whose signature is right, and its key's thumbprint. */
async function verify(
  header: string,
): Promise<{ payload: JWTPayload; thumbprint: string } | undefined> {
  if (header.length > MAX_LENGTH) return undefined;
  try {
    // Two headers arrive as one with a comma, which is no JWT.
    const { payload, protectedHeader } = await jwtVerify(header, EmbeddedJWK, {
      algorithms: ["ES256"],
      typ: "dpop+jwt",
    });
    const publicJwk = v.parse(KEY, protectedHeader.jwk);
    return { payload, thumbprint: await calculateJwkThumbprint(publicJwk) };
  } catch {
    // jose's, valibot's and WebCrypto's errors: all are about the header.
    return undefined;
  }
}

function check<Schema extends v.GenericSchema>(
  schema: Schema,
  payload: JWTPayload,
): v.InferOutput<Schema> | Refusal {
  const { success, output, issues } = v.safeParse(schema, payload, {
    abortEarly: true,
  });
  return success
    ? output
    : invalid(`has no valid claim ${v.getDotPath(issues[0])}`);
}

function invalid(problem: string): Refusal {
  return new Refusal("invalid_dpop_proof", {
    description: `The DPoP proof ${problem}.`,
  });
}

/**
 * The URLs under which clients may know this endpoint. The request's own URL is
 * not enough: behind a gateway, a function does not see the public one.
 */
function acceptedUrls(
  request: Request,
  endpoint: string,
  { functionsUrls }: Context["environment"],
): string[] {
  // A project may have put a prefix before the functions' names.
  const name = new URL(request.url).pathname.split("/").findLast(Boolean) ?? "";
  return name.endsWith(endpoint)
    ? functionsUrls.map((url) => `${url}/${name}`)
    : [];
}

function href(url: string): string {
  return URL.canParse(url) ? new URL(url).href : "";
}

/** The `ath` of the request's access token; undefined if it has none. */
function accessTokenHash(request: Request): string | undefined {
  const token = bearerToken(request);
  return typeof token === "string"
    ? createHash("sha256").update(token).digest("base64url")
    : undefined;
}
