/** One client's websocket: what it says, and what it is answered. */

import type { Sql } from "../sql.ts";
import type { Verdict } from "./authorization.ts";
import { Channel, parseSettings } from "./channel.ts";
import {
  identifyToken,
  type Identity,
  type Refusal,
  type Verify,
} from "./identity.ts";
import {
  type ClientMessage,
  decode,
  encode,
  type Message,
  type Version,
} from "./protocol.ts";
import type { Topics } from "./topics.ts";

const PREFIX = "realtime:";
const MALFORMED_FRAME = 4000;
const GOING_AWAY = 4001;

/** What all connections share. */
export interface Relay {
  sql: Sql;
  verify: Verify;
  topics: Topics;
  /** Resolves once database broadcasts are being delivered. */
  deliveryReady: () => Promise<void>;
  onLog: (line: string) => void;
}

/** What the upgrade request said. */
export interface ConnectionOptions {
  version: Version;
  /** Who speaks where a channel is joined without an access token. */
  apiKeyIdentity: Identity;
  /** The request's headers that policies may look at. */
  headers: Record<string, string>;
}

/** A client's connection with its channels. */
export class Connection {
  readonly relay: Relay;
  readonly version: Version;
  readonly headers: Record<string, string>;
  /** Resolves when the websocket is closed. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #apiKeyIdentity: Identity;
  readonly #channels = new Map<string, Channel>();
  #work: Promise<void> = Promise.resolve();

  constructor(relay: Relay, socket: WebSocket, options: ConnectionOptions) {
    this.relay = relay;
    this.version = options.version;
    this.headers = options.headers;
    this.#apiKeyIdentity = options.apiKeyIdentity;
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#receive(data);
    this.closed = new Promise((resolve) => {
      socket.onclose = () => {
        for (const channel of this.#channels.values()) channel.leave();
        this.#channels.clear();
        resolve();
      };
    });
  }

  /** Sends an encoded frame, unless the client is gone. */
  sendFrame(frame: string | Uint8Array<ArrayBuffer>) {
    if (this.#isOpen) this.#socket.send(frame);
  }

  /** Ends a channel and tells the client why. */
  shutDown(channel: Channel, message: string) {
    this.#system(channel, "system", "error", message);
    this.#closeChannel(channel);
  }

  /** Closes the websocket; the client may connect again. */
  close() {
    this.#socket.close(GOING_AWAY, "Realtime is restarting");
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  #receive(data: string | ArrayBuffer) {
    const message = decode(this.version, data);
    if (!message) {
      return this.#socket.close(MALFORMED_FRAME, "Malformed message");
    }
    // One after the other: a token must not overtake the join before it.
    this.#work = this.#work.then(() => this.#handle(message)).catch((error) => {
      this.relay.onLog(`Could not handle a ${message.event} message: ${error}`);
      this.#refuse(message, "Unknown Error on Channel");
    });
  }

  #handle(message: ClientMessage): Promise<void> | void {
    if (message.topic === "phoenix" && message.event === "heartbeat") {
      return this.#reply(message);
    }
    if (message.event === "phx_join") return this.#join(message);
    const channel = this.#channels.get(message.topic);
    if (message.event === "phx_leave") {
      if (channel) this.#forget(channel);
      return this.#reply(message);
    }
    if (!channel) return this.#refuse(message, "unmatched topic");
    switch (message.event) {
      case "access_token":
        return this.#changeToken(channel, message.payload.access_token);
      case "broadcast":
        return this.#broadcast(channel, message);
      case "presence":
        return this.#refuse(message, notSupported("presence"));
    }
  }

  async #join(message: ClientMessage) {
    if (!message.topic.startsWith(PREFIX)) {
      return this.#refuse(message, "unmatched topic");
    }
    const topic = message.topic.slice(PREFIX.length);
    if (topic === "") {
      const reason = "TopicNameRequired: You must provide a topic name";
      return this.#refuse(message, reason);
    }
    const previous = this.#channels.get(message.topic);
    if (previous) this.#closeChannel(previous);

    const identity = await this.#identify(message.payload.access_token);
    if ("code" in identity) {
      return this.#refuse(message, `${identity.code}: ${identity.message}`);
    }
    const settings = parseSettings(topic, message.joinRef, message.payload);
    const channel = new Channel(this, settings, identity);
    const refusal = readRefusal(await channel.authorize(identity), topic);
    if (refusal) {
      return this.#refuse(message, `${refusal.code}: ${refusal.message}`);
    }
    if (!this.#isOpen) return;

    this.#channels.set(message.topic, channel);
    channel.open();
    this.#reply(message, "ok", {
      postgres_changes: settings.postgresChanges
        .map((change, index) => ({ ...change, id: index + 1 })),
    });
    if (settings.presence) this.#push(channel, "presence_state", {});
    for (const feature of settings.unsupported) {
      this.#system(channel, feature, "error", notSupported(feature));
    }
    if (settings.replicationReady) this.#announceDelivery(channel);
  }

  async #changeToken(channel: Channel, token: unknown) {
    // Realtime ignores an API key here: the channel keeps the token it has.
    if (typeof token !== "string" || token.startsWith("sb_")) return;
    if (token === channel.token) return;
    const identity = await this.#identify(token);
    if ("code" in identity) return this.shutDown(channel, identity.message);
    const verdict = await channel.authorize(identity);
    const refusal = readRefusal(verdict, channel.topic);
    if (refusal) return this.shutDown(channel, refusal.message);
    if (this.#has(channel)) channel.replaceIdentity(identity);
  }

  async #broadcast(channel: Channel, message: ClientMessage) {
    const { broadcast } = message;
    // What may not be sent is dropped without a word, as Realtime does.
    if (!broadcast || !await channel.mayWrite()) return;
    const { ack, self } = channel.settings;
    const sender = self ? undefined : channel;
    this.relay.topics.publish(channel, broadcast, sender);
    if (ack) this.#reply(message);
  }

  async #announceDelivery(channel: Channel) {
    await this.relay.deliveryReady();
    if (!this.#has(channel)) return;
    const message = "Replication connection established";
    this.#system(channel, "system", "ok", message);
  }

  /** The identity for a channel: its access token, else the API key. */
  #identify(token: unknown): Promise<Identity | Refusal> | Identity {
    if (token === undefined || token === null) return this.#apiKeyIdentity;
    // supabase-js sends its API key where nobody is signed in.
    if (typeof token === "string" && token.startsWith("sb_")) {
      return this.#apiKeyIdentity;
    }
    return identifyToken(this.relay.verify, String(token));
  }

  #has(channel: Channel): boolean {
    return this.#channels.get(PREFIX + channel.topic) === channel;
  }

  #forget(channel: Channel) {
    channel.leave();
    if (this.#has(channel)) this.#channels.delete(PREFIX + channel.topic);
  }

  #closeChannel(channel: Channel) {
    this.#forget(channel);
    // The client takes a close for its channel's only with the join's own ref.
    this.#push(channel, "phx_close", {}, channel.settings.joinRef);
  }

  #system(
    channel: Channel,
    extension: string,
    status: "ok" | "error",
    message: string,
  ) {
    const payload = { extension, status, message, channel: channel.topic };
    this.#push(channel, "system", payload);
  }

  #push(
    channel: Channel,
    event: string,
    payload: Record<string, unknown>,
    ref: string | null = null,
  ) {
    const { joinRef, topic } = channel.settings;
    this.#send({ joinRef, ref, topic: PREFIX + topic, event, payload });
  }

  #refuse(message: ClientMessage, reason: string) {
    this.#reply(message, "error", { reason });
  }

  #reply(
    { joinRef, ref, topic }: ClientMessage,
    status: "ok" | "error" = "ok",
    response: Record<string, unknown> = {},
  ) {
    const payload = { status, response };
    this.#send({ joinRef, ref, topic, event: "phx_reply", payload });
  }

  #send(message: Message) {
    this.sendFrame(encode(this.version, message));
  }
}

function readRefusal(verdict: Verdict, topic: string): Refusal | null {
  switch (verdict) {
    case "allowed":
      return null;
    case "denied":
      return {
        code: "Unauthorized",
        message:
          `You do not have permissions to read from this Channel topic: ${topic}`,
      };
    case "unavailable":
      return {
        code: "UnableToConnectToProject",
        message: "Realtime was unable to connect to the project database",
      };
  }
}

function notSupported(feature: string): string {
  return `The local Realtime relay does not support ${feature}`;
}
