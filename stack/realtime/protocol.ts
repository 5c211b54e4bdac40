/**
 * The wire format: Phoenix messages as JSON, in protocol version 1.0.0 (an
 * object) or 2.0.0 (an array), and broadcasts as binary frames in 2.0.0.
 */

/** A protocol version, as the `vsn` parameter of the upgrade names it. */
export type Version = "1.0.0" | "2.0.0";

/** What a client broadcasts or receives; `id` is set on database broadcasts. */
export type Broadcast =
  & { event: string; id?: string }
  & ({ json: string } | { bytes: Uint8Array });

/** One message between a client and the relay. */
export interface Message {
  joinRef: string | null;
  ref: string | null;
  topic: string;
  event: string;
  payload: Record<string, unknown>;
}

/** A message from a client. `broadcast` is set if it is a broadcast. */
export interface ClientMessage extends Message {
  broadcast?: Broadcast;
}

const BROADCAST_PUSH = 3;
const BROADCAST = 4;
const BINARY = 0;
const JSON_TEXT = 1;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Reads the `vsn` parameter: a missing one means 1.0.0, an unknown one null. */
export function parseVersion(vsn: string | null): Version | null {
  if (vsn === null) return "1.0.0";
  return vsn === "1.0.0" || vsn === "2.0.0" ? vsn : null;
}

/** Reads one frame of a client; null if it is malformed. */
export function decode(
  version: Version,
  frame: string | ArrayBuffer,
): ClientMessage | null {
  try {
    if (typeof frame === "string") return decodeText(version, frame);
    return version === "2.0.0" ? decodeBroadcastPush(frame) : null;
  } catch {
    return null; // Not JSON, not UTF-8, or shorter than its own lengths say.
  }
}

/** Writes a message as a text frame. */
export function encode(version: Version, message: Message): string {
  const { joinRef, ref, topic, event, payload } = message;
  return JSON.stringify(
    version === "2.0.0"
      ? [joinRef, ref, topic, event, payload]
      : { ref, topic, event, payload },
  );
}

/**
 * Writes a broadcast for the clients on `topic`; null if the protocol version
 * cannot express it, which is the case for binary data in 1.0.0.
 */
export function encodeBroadcast(
  version: Version,
  topic: string,
  broadcast: Broadcast,
): string | Uint8Array<ArrayBuffer> | null {
  const meta = broadcast.id === undefined ? undefined : { id: broadcast.id };
  const header = [topic, broadcast.event, meta ? JSON.stringify(meta) : ""]
    .map((field) => encoder.encode(field));
  // Lengths are single bytes, so a long name has to be sent as text.
  if (version === "2.0.0" && header.every((field) => field.length <= 255)) {
    const isJson = "json" in broadcast;
    const body = isJson ? encoder.encode(broadcast.json) : broadcast.bytes;
    return concatenate(
      [BROADCAST, ...header.map((f) => f.length), isJson ? JSON_TEXT : BINARY],
      ...header,
      body,
    );
  }
  if (!("json" in broadcast)) return null;
  // The payload's JSON is passed on unchanged, because JavaScript would round
  // some numbers.
  const payload = `{"type":"broadcast","event":${
    JSON.stringify(broadcast.event)
  },"payload":${broadcast.json}${
    meta ? `,"meta":${JSON.stringify(meta)}` : ""
  }}`;
  const name = JSON.stringify(topic);
  return version === "2.0.0"
    ? `[null,null,${name},"broadcast",${payload}]`
    : `{"ref":null,"topic":${name},"event":"broadcast","payload":${payload}}`;
}

function decodeText(version: Version, text: string): ClientMessage | null {
  const value: unknown = JSON.parse(text);
  const [joinRef, ref, topic, event, payload] = version === "2.0.0"
    ? value as unknown[]
    : fields(value as Record<string, unknown>);
  if (!isRef(joinRef) || !isRef(ref)) return null;
  if (typeof topic !== "string" || typeof event !== "string") return null;
  if (!isRecord(payload)) return null;
  const message = { joinRef, ref, topic, event, payload };
  if (event !== "broadcast" || typeof payload.event !== "string") {
    return message;
  }
  const json = JSON.stringify(payload.payload ?? {});
  return { ...message, broadcast: { event: payload.event, json } };
}

function fields(message: Record<string, unknown>): unknown[] {
  const { join_ref = null, ref = null, topic, event, payload } = message;
  return [join_ref, ref, topic, event, payload];
}

function decodeBroadcastPush(frame: ArrayBuffer): ClientMessage | null {
  const view = new DataView(frame);
  if (view.getUint8(0) !== BROADCAST_PUSH) return null;
  // Five lengths and the encoding, then the fields: join_ref, ref, topic,
  // event, metadata (which Realtime ignores), and the payload to the end.
  let offset = 7;
  const [joinRef, ref, topic, event] = [1, 2, 3, 4, 5].map((position) => {
    const field = new Uint8Array(frame, offset, view.getUint8(position));
    offset += field.length;
    return decoder.decode(field);
  }) as [string, string, string, string, string];
  const body = new Uint8Array(frame, offset);
  const message = {
    joinRef: joinRef || null,
    ref: ref || null,
    topic,
    event: "broadcast",
    payload: {},
  };
  if (view.getUint8(6) === BINARY) {
    return { ...message, broadcast: { event, bytes: body } };
  }
  const json = decoder.decode(body);
  JSON.parse(json); // Refuse JSON that no receiver could parse.
  return { ...message, broadcast: { event, json } };
}

function concatenate(
  ...parts: (number[] | Uint8Array)[]
): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

function isRef(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

/** Tells whether a JSON value is an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
