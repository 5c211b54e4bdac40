/** Broadcasts over HTTP: a batch, or one event (supabase-js `httpSend`). */

import { canWrite } from "./authorization.ts";
import type { Relay } from "./connection.ts";
import { identifyToken, type Identity } from "./identity.ts";
import { type Broadcast, isRecord } from "./protocol.ts";
import type { Address } from "./topics.ts";

interface Outgoing {
  address: Address;
  broadcast: Broadcast;
}

const accepted = () => new Response(null, { status: 202 });

/** `POST /api/broadcast` with `{messages: [{topic, event, payload, private}]}`. */
export async function broadcastBatch(
  relay: Relay,
  request: Request,
  apiKeyIdentity: Identity,
): Promise<Response> {
  const body: unknown = await request.json().catch(() => null);
  const messages = isRecord(body) ? body.messages : null;
  if (!Array.isArray(messages)) {
    return unprocessable("messages", "Send a list of messages");
  }
  const outgoing = messages.map(parseMessage);
  if (!outgoing.every((message) => message !== null)) {
    return unprocessable("messages", "Give each message topic, event, payload");
  }
  return await send(relay, request, apiKeyIdentity, outgoing);
}

/** `POST /api/broadcast/:topic/events/:event[?private=true]`, body: payload. */
export async function broadcastOne(
  relay: Relay,
  request: Request,
  apiKeyIdentity: Identity,
  topic: string,
  event: string,
): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const isPrivate = searchParams.get("private") === "true";
  const type = request.headers.get("content-type") ?? "";
  let broadcast: Broadcast;
  if (type.startsWith("application/octet-stream")) {
    broadcast = { event, bytes: await request.bytes() };
  } else {
    const payload = await request.json().catch(() => undefined);
    if (payload === undefined) {
      return unprocessable("payload", "Send the payload as JSON");
    }
    broadcast = { event, json: JSON.stringify(payload) };
  }
  return await send(relay, request, apiKeyIdentity, [
    { address: { topic, isPrivate }, broadcast },
  ]);
}

async function send(
  relay: Relay,
  request: Request,
  apiKeyIdentity: Identity,
  outgoing: Outgoing[],
): Promise<Response> {
  const identity = await identify(relay, request, apiKeyIdentity);
  if (!identity) {
    return Response.json({ message: "Unauthorized" }, { status: 401 });
  }
  const { rate, sql } = relay.project;
  if (rate.average > rate.limit) {
    return tooManyRequests("You have exceeded your rate limit");
  }
  if (rate.average + outgoing.length > rate.limit) {
    return tooManyRequests(
      "Too many messages to broadcast, please reduce the batch size",
    );
  }
  const verdicts = new Map<string, boolean>();
  for (const { address, broadcast } of outgoing) {
    const { topic, isPrivate } = address;
    if (isPrivate && !verdicts.has(topic)) {
      relay.project.wake();
      const headers = Object.fromEntries(request.headers);
      const context = { topic, claims: identity.claims, headers };
      verdicts.set(topic, await canWrite(sql, context) === "allowed");
    }
    // The answer is the same, so that senders cannot probe the policies.
    if (isPrivate && !verdicts.get(topic)) continue;
    rate.add();
    relay.topics.publish(address, broadcast);
  }
  return accepted();
}

async function identify(
  relay: Relay,
  request: Request,
  apiKeyIdentity: Identity,
): Promise<Identity | null> {
  const authorization = request.headers.get("authorization");
  if (!authorization) return apiKeyIdentity;
  const token = authorization.match(/^Bearer +(\S+)$/i)?.[1];
  if (token === undefined) return null;
  // supabase-js sends its API key when no user is signed in.
  if (token.startsWith("sb_")) return apiKeyIdentity;
  const identity = await identifyToken(relay.verify, token);
  return "code" in identity ? null : identity;
}

function parseMessage(message: unknown): Outgoing | null {
  if (!isRecord(message)) return null;
  const { topic, event, payload } = message;
  if (typeof topic !== "string" || typeof event !== "string") return null;
  if (!isRecord(payload)) return null;
  return {
    address: { topic, isPrivate: message.private === true },
    broadcast: { event, json: JSON.stringify(payload) },
  };
}

function tooManyRequests(message: string): Response {
  return Response.json({ message }, { status: 429 });
}

function unprocessable(field: string, message: string): Response {
  return Response.json({ errors: { [field]: [message] } }, { status: 422 });
}
