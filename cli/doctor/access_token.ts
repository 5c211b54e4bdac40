import {
  base64url,
  compactVerify,
  errors,
  importJWK,
  type JWK,
  type JWTPayload,
} from "jose";
import { publicJwk } from "../../stack/keys.ts";
import {
  type Diagnosis,
  duration,
  EVERYBODY,
  type Finding,
  list,
  note,
  ok,
  shown,
  skipped,
  wrong,
} from "./finding.ts";

/** The project that an access token is compared with. */
export interface Project {
  /** Its URL, without a slash at the end. */
  url?: string;
  /** False if the local stack is used because no project was named. */
  named: boolean;
  /** Its JWKS, if known. */
  keys?: JWK[];
}

/** PostgREST's allowance for clocks that differ, in seconds. */
const CLOCK_SKEW_SECONDS = 30;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/**
 * Checks a JWT as each of its verifiers does.
 *
 * @param now Seconds since 1970.
 */
export async function examineAccessToken(
  token: string,
  project: Project,
  now = Date.now() / 1000,
): Promise<Diagnosis> {
  const decoded = decode(token);
  if (typeof decoded === "string") {
    return { subject: "Not a JWT", findings: [wrong(decoded, EVERYBODY)] };
  }
  const { header, claims } = decoded;
  const apiKey = legacyApiKey(claims);
  if (apiKey) {
    return {
      subject: `The legacy ${apiKey} key (a JWT)`,
      findings: [wrong(apiKeyAsToken(apiKey), ["Supabase Auth", "Latchkey"])],
    };
  }
  return {
    subject: "An access token (JWT)",
    findings: [
      ...await examineSignature(token, header, claims, project),
      ...examineTimes(claims, now),
      ...examineClaims(claims),
    ],
    sessionId: isUuid(claims.session_id) ? claims.session_id : undefined,
  };
}

interface Decoded {
  header: Record<string, unknown>;
  claims: JWTPayload;
}

/** The two readable parts, or why the text is not a JWT. */
function decode(token: string): Decoded | string {
  const parts = token.split(".");
  if (parts.length === 5) {
    return "It has five parts, so it is an encrypted token (JWE). Supabase " +
      "takes signed ones only: send the access_token of a session.";
  }
  if (parts.length !== 3) {
    return `A JWT has three parts with a dot between them, and this text has ${parts.length}. ` +
      "Check whether it was cut off when it was copied.";
  }
  const header = decodeObject(parts[0]!);
  const claims = decodeObject(parts[1]!);
  if (!header || !claims) {
    return `Its ${header ? "second" : "first"} part is not base64url of a ` +
      "JSON object. Check whether it was cut off or changed when it was copied.";
  }
  return { header, claims };
}

function decodeObject(part: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(new TextDecoder().decode(base64url.decode(part)));
    return typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** A legacy API key is a JWT without a user, issued once for ten years. */
function legacyApiKey(claims: JWTPayload): string | undefined {
  return ["anon", "service_role"].find((role) =>
    claims.role === role && claims.sub === undefined &&
    claims.session_id === undefined
  );
}

function apiKeyAsToken(role: string): string {
  return "It names no user and no session: it is an API key. It belongs in " +
    "the apikey header; the Authorization header takes the access_token of a " +
    "signed-in user." +
    (role === "service_role"
      ? " It also bypasses row level security: if it was ever in a browser " +
        "or an app, disable the legacy keys in the dashboard now."
      : "");
}

async function examineSignature(
  token: string,
  { alg, kid }: Record<string, unknown>,
  claims: JWTPayload,
  project: Project,
): Promise<Finding[]> {
  if (typeof alg !== "string" || alg.toLowerCase() === "none") {
    return [wrong(
      "It is not signed (alg is none or missing), so it is not valid. Send " +
        "an access token as Supabase Auth or Latchkey issued it.",
      EVERYBODY,
    )];
  }
  const url = project.url ?? "the project";
  const issuer = examineIssuer(claims.iss, project);
  if (issuer && !project.named) return [issuer];
  if (!project.keys) {
    return [skipped(
      `The signature (${shown(alg)}) was not checked, because no keys are ` +
        "known: pass --url with the URL of the project, or --jwks with a file.",
    )];
  }
  if (project.keys.length === 0) {
    return [skipped(
      `The signature (${shown(alg)}) was not checked: ${url} publishes no ` +
        "keys, so it still signs with the legacy JWT secret. Pass --jwks with " +
        "a file that holds this secret as an oct key.",
    )];
  }
  const algorithms = list(new Set(project.keys.map(algorithmOf)));
  const key = project.keys.find((key) =>
    kid === undefined && alg.startsWith("HS")
      ? key.kty === "oct"
      : key.kid === kid
  );
  if (alg.startsWith("HS") && key?.kty !== "oct") {
    return [wrong(
      `It is signed with ${shown(alg)}, a shared secret, while ${url} ` +
        `publishes keys for ${algorithms}. Latchkey refuses it; so do the Data ` +
        'API (JWSError, or "No suitable key"), Realtime and Supabase Auth ' +
        "unless they still trust the legacy JWT secret. Make tokens with the " +
        "project's signing key, or send the access_token of a session.",
      ["Latchkey"],
    )];
  }
  // A token that was signed with the legacy JWT secret may have no kid.
  if (kid === undefined && key?.kty !== "oct") {
    return [wrong(
      "Its header has no kid, so verifiers cannot tell which key signed it. " +
        "Put the kid of the signing key into the header.",
      EVERYBODY,
    )];
  }
  if (!key) {
    return [
      wrong(
        `Its key ${shown(kid)} is not one of the keys that ${url} publishes (${
          list(project.keys.map((key) => shown(key.kid)))
        }). It is from another project, or its key was revoked, or the key in ` +
          "LATCHKEY_SIGNING_KEY was never imported: import it as standby key, " +
          "then rotate.",
        EVERYBODY,
      ),
      ...issuer ? [issuer] : [],
    ];
  }
  if (!await isSignedBy(token, key, alg)) {
    return [
      wrong(
        `Its signature does not match the key ${
          shown(key.kid ?? "oct")
        } of ${url}: the token ` +
          "was changed after it was signed, or cut off, or signed with " +
          "another key under the same kid. Sign in again.",
        EVERYBODY,
      ),
      ...issuer ? [issuer] : [],
    ];
  }
  return [
    ok(
      `Signed with ${shown(alg)} by the key ${
        shown(key.kid ?? "oct")
      } of ${url}.`,
    ),
    ...issuer
      ? [note(
        `Its iss is ${shown(claims.iss)}, although the signature is this ` +
          "project's. That is correct with a custom domain; otherwise set " +
          "LATCHKEY_ISSUER.",
      )]
      : [],
  ];
}

/** Whether the token says that another project issued it. */
function examineIssuer(iss: unknown, project: Project): Finding | undefined {
  if (!project.url || typeof iss !== "string") return undefined;
  if (address(iss) === address(`${project.url}/auth/v1`)) return undefined;
  const issuer = shown(iss.replace(/\/auth\/v1\/?$/, ""));
  return project.named
    ? wrong(
      `It was issued by ${issuer}, not by ${project.url}: the app mixes two ` +
        "projects. Compare the URL where it signs in with the URL that it calls.",
      EVERYBODY,
    )
    : skipped(
      `The signature was not checked: the token says that ${issuer} issued ` +
        "it. Pass --url with that project's URL, if it is yours.",
    );
}

/** One spelling for both names of this machine. */
function address(url: string): string {
  return url.replace("//localhost", "//127.0.0.1").replace(/\/+$/, "");
}

const ALGORITHMS: Record<string, string> = {
  EC: "ES256",
  RSA: "RS256",
  OKP: "EdDSA",
  oct: "HS256",
};

function algorithmOf(key: JWK): string {
  return key.alg ?? ALGORITHMS[key.kty ?? ""] ?? "an unknown algorithm";
}

async function isSignedBy(
  token: string,
  key: JWK,
  alg: string,
): Promise<boolean> {
  // The key determines the algorithm, not the token.
  if (algorithmOf(key) !== alg) return false;
  try {
    await compactVerify(token, await importJWK(publicJwk(key), alg));
    return true;
  } catch (error) {
    if (error instanceof errors.JOSEError) return false;
    throw error;
  }
}

function examineTimes(
  { exp, iat, nbf }: JWTPayload,
  now: number,
): Finding[] {
  const findings: Finding[] = [];
  if (exp === undefined) {
    findings.push(wrong(
      "The claim exp is missing, so the token would never expire. Realtime's " +
        'error asks for "role and exp", Latchkey says invalid_jwt_claims. ' +
        "Set exp to seconds since 1970.",
      ["Realtime", "Latchkey"],
    ));
  } else if (typeof exp !== "number" || exp > 1e11) {
    findings.push(wrong(
      `The claim exp is ${
        shown(exp)
      }. It has to be a number of seconds since ` +
        "1970: not text, not milliseconds.",
      typeof exp === "number" ? [] : EVERYBODY,
    ));
  } else if (exp <= now) {
    findings.push(wrong(
      `It expired ${duration(now - exp)} ago. Refresh the session and retry: ` +
        "POST /functions/v1/refresh (Latchkey says token_expired, the Data " +
        "API JWT expired, Realtime Token has expired, SuperTokens " +
        "TRY_REFRESH_TOKEN).",
      EVERYBODY,
    ));
  } else {
    findings.push(ok(`Valid for another ${duration(exp - now)}.`));
  }
  if (iat !== undefined && typeof iat !== "number") {
    findings.push(wrong(
      `The claim iat is ${
        shown(iat)
      }. It has to be a number of seconds since ` +
        "1970.",
      EVERYBODY,
    ));
  } else if (iat !== undefined && iat > now + CLOCK_SKEW_SECONDS) {
    findings.push(wrong(
      `It was issued ${
        duration(iat - now)
      } in the future. One clock is wrong: ` +
        "this machine's or the signer's. The Data API allows 30 seconds (JWT " +
        "issued at future).",
      ["the Data API"],
    ));
  }
  if (typeof nbf === "number" && nbf > now) {
    findings.push(wrong(
      `It is not valid before ${
        duration(nbf - now)
      } from now (nbf). Wait, or ` +
        "correct the signer's clock.",
      ["the Data API", "Supabase Auth", "Latchkey"],
    ));
  }
  return findings;
}

function examineClaims(claims: JWTPayload): Finding[] {
  const { aud, role, sub, session_id } = claims;
  const findings: Finding[] = [];
  if (typeof role !== "string" || role === "") {
    findings.push(wrong(
      'The claim role is missing or not a string. Realtime asks for "role and exp", the Data ' +
        "API runs the request as anon. Set it to authenticated.",
      ["Realtime", "Latchkey"],
    ));
  } else if (role === "anon" || role === "service_role") {
    findings.push(wrong(
      `Its role is ${role}, which is not a signed-in user. Send the ` +
        "access_token of a session, and API keys in the apikey header." +
        (role === "service_role"
          ? " A token with this role bypasses row level security: no app may " +
            "have one."
          : ""),
      ["Latchkey"],
    ));
  } else if (role !== "authenticated") {
    findings.push(note(
      `Its role is ${shown(role)}. The database needs a role of that name, ` +
        "granted to authenticator; policies for authenticated do not apply.",
    ));
  }
  if (typeof sub !== "string" || !isUuid(sub)) {
    findings.push(wrong(
      `The claim sub is ${
        sub === undefined ? "missing" : shown(sub)
      }. It has to be the id of a user in auth.users.`,
      ["Supabase Auth", "Latchkey"],
    ));
  }
  const audiences = [aud].flat();
  if (!audiences.includes("authenticated")) {
    findings.push(wrong(
      `The claim aud is ${
        aud === undefined ? "missing" : shown(aud)
      }. It has to be authenticated.`,
      audiences[0] ? ["Latchkey"] : ["Supabase Auth", "Latchkey"],
    ));
  }
  if (session_id === undefined) {
    findings.push(wrong(
      "The claim session_id is missing: the token belongs to no session, so it " +
        "cannot be revoked, and latchkey.session_active() returns false. Sign " +
        "in at /functions/v1/login.",
      ["Latchkey"],
    ));
  } else if (!isUuid(session_id)) {
    findings.push(wrong(
      "The claim session_id is not a UUID. It has to be the id of a session " +
        "in auth.sessions.",
      ["Supabase Auth", "Latchkey"],
    ));
  }
  if (!findings.some(({ level }) => level === "wrong")) {
    findings.push(ok("role, sub, aud and session_id are correct."));
  }
  return findings;
}

function isUuid(value: unknown): value is string {
  return typeof value === "string" && UUID.test(value);
}
