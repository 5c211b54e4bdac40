/**
 * `POST /login`: `{email | phone, password, device_name?, device_id?,
 * captcha_token?}`, or `Authorization: Bearer <access token of Supabase Auth>`
 * and `{device_name?, device_id?}` → a session. With a DPoP proof, the session
 * is bound to its key.
 *
 * @module
 */
import {
  accountKey,
  settleAttempt,
  takeAttempt,
} from "../_latchkey/attempts.ts";
import { json, optional, readJson, text } from "../_latchkey/body.ts";
import { client, UNREADABLE_ADDRESS } from "../_latchkey/client.ts";
import type { Handler } from "../_latchkey/context.ts";
import { isCookieMode } from "../_latchkey/cookie_mode.ts";
import { bearerToken } from "../_latchkey/credentials.ts";
import { hashDevice, MAX_DEVICE_ID_LENGTH } from "../_latchkey/device.ts";
import { proofRequired, readProof, replayedProof } from "../_latchkey/dpop.ts";
import { endpoint } from "../_latchkey/endpoint.ts";
import { note } from "../_latchkey/log.ts";
import { deliverInBackground } from "../_latchkey/notices.ts";
import { malformed, Refusal, unknownOutcome } from "../_latchkey/outcomes.ts";
import { hashSeed, newSeed } from "../_latchkey/refresh_token.ts";
import { session } from "../_latchkey/session.ts";
import { signInWithPassword } from "../_latchkey/supabase_auth.ts";
import { nameOf } from "../_latchkey/user_agent.ts";
import { adopt, sessionLimit } from "./adopt.ts";

const INPUT = json({
  email: optional(text(320)),
  phone: optional(text(32)),
  password: optional(text(1024)),
  device_name: optional(text(128)),
  device_id: optional(text(MAX_DEVICE_ID_LENGTH)),
  captcha_token: optional(text(8192)),
});

/**
 * Supabase Auth hashes a password only if the user exists, so it answers faster
 * if not. To hide that difference, each refusal takes at least this long.
 */
const REFUSAL_MILLISECONDS = 1_000;

/** The time limit for counting the attempt and for Auth's answer together. */
const AUTH_MILLISECONDS = 5_000;

const login: Handler = async (request, context) => {
  const cookie = isCookieMode(request, context.environment);
  if (cookie instanceof Refusal) return cookie;
  const token = bearerToken(request);
  if (token instanceof Refusal) return token;
  const input = await readJson(request, INPUT);
  if (input instanceof Refusal) return input;
  const proof = await readProof(request, context, { endpoint: "login" });
  if (proof instanceof Refusal) return proof;
  if (token !== undefined) {
    const { device_name, device_id, ...credentials } = input;
    return Object.values(credentials).some((value) => value !== undefined)
      ? malformed(
        "Send a password or an access token to sign in with, not both.",
      )
      : adopt(request, context, token, {
        deviceName: device_name,
        deviceId: device_id,
        cookie,
        proof,
      });
  }
  if (!input.email === !input.phone || !input.password) {
    return malformed("Send either an email or a phone, and a password.");
  }

  const caller = client(request, context.environment, proof.client);
  const attempter = { account: accountKey(input), address: caller.countedIp };
  if (attempter.address === UNREADABLE_ADDRESS) {
    note(request, {
      warning:
        `LATCHKEY_CLIENT_ADDRESS_HEADER is ${context.environment.clientAddressHeader}, but that header holds no IP address. Name the header that your gateway sets: until then all such sign-ins count as one client's.`,
    });
  }
  const minimumResponseTime = new Promise((resolve) =>
    setTimeout(resolve, REFUSAL_MILLISECONDS)
  );
  const deadline = AbortSignal.timeout(AUTH_MILLISECONDS);
  const refused = await takeAttempt(context.database, attempter);
  // Answered without delay, because the counters do not depend on which
  // accounts exist.
  if (refused) return refused;
  const authSession = await signInWithPassword(
    context,
    {
      email: input.email,
      phone: input.phone,
      password: input.password,
      captchaToken: input.captcha_token,
    },
    caller,
    deadline,
  );
  if (authSession instanceof Refusal) {
    await Promise.all([
      settleAttempt(context.database, attempter, authSession.code),
      minimumResponseTime,
    ]);
    return authSession;
  }

  note(request, {
    session_id: authSession.sessionId,
    user_id: authSession.userId,
  });
  const seed = newSeed();
  const [result] = await Promise.all([
    context.database.call("login", {
      session_id: authSession.sessionId,
      secret_hash: hashSeed(seed),
      aal: authSession.aal,
      amr: authSession.amr,
      user_agent: caller.userAgent,
      ip: caller.ip,
      device_name: input.device_name || null,
      client: nameOf(caller.userAgent),
      country: caller.country,
      device_hash: hashDevice(authSession.userId, input.device_id),
      issuer: context.environment.issuer,
      ...proof.key,
    }),
    // The password was correct, whatever the other call returns. The two calls
    // run in parallel, so this one costs no extra time.
    settleAttempt(context.database, attempter),
  ]);
  if (result instanceof Refusal) return result;
  switch (result.outcome) {
    case "created":
      // The session limit may have ended other sessions.
      deliverInBackground(context);
      return session(
        context,
        { sessionId: authSession.sessionId, seed },
        result,
        { cookie },
      );
    case "banned":
      return new Refusal("user_banned");
    case "proof_required":
      return proofRequired();
    case "replayed":
      return replayedProof();
    case "refused":
      return sessionLimit();
    case "unknown":
      // Since Auth's answer, the session was ended or the user was deleted.
      return new Refusal("token_revoked", {
        reason: "signed_out",
        grant: true,
      });
    default:
      return unknownOutcome(result.outcome);
  }
};

export default endpoint("login", "POST", login);
