/** One client's websocket: its messages and their answers. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Verdict } from "./authorization.ts";
import { Channel, parseSettings } from "./channel.ts";
import { readMessages, type ReplayedMessage } from "./replay.ts";
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
import type { Project } from "./project.ts";
import type { Topics } from "./topics.ts";

const PREFIX = "realtime:";
const MALFORMED_FRAME = 4000;
const GOING_AWAY = 4001;
const LONGEST_WAIT_FOR_REPLICATION_MS = 60_000;

/** What all connections share. */
export interface Relay {
  project: Project;
  verify: Verify;
  topics: Topics;
  /** How long a refused join waits for its answer, in ms. */
  refusalDelay: number;
  onLog: (line: string) => void;
}

/** The values from the upgrade request. */
export interface ConnectionOptions {
  version: Version;
  /** The identity of joins without an access token. */
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
    // Handled one after the other, so that a new token cannot overtake the join
    // before it.
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
      default:
        // The message is ignored, but it counts towards the rate limit.
        this.relay.project.rate.add();
    }
  }

  async #join(message: ClientMessage) {
    if (!message.topic.startsWith(PREFIX)) {
      return this.#refuse(message, "unmatched topic");
    }
    const previous = this.#channels.get(message.topic);
    if (previous) this.#closeChannel(previous);
    const outcome = await this.#openChannel(message);
    if ("code" in outcome) {
      // The delay limits the cost of a client that retries immediately.
      await sleep(this.relay.refusalDelay);
      return this.#refuse(message, `${outcome.code}: ${outcome.message}`);
    }
    if (!this.#isOpen) return;

    const { channel, replayed } = outcome;
    const { settings } = channel;
    this.#channels.set(message.topic, channel);
    channel.open();
    this.relay.project.addClient(this);
    this.#reply(message, "ok", {
      postgres_changes: settings.postgresChanges
        .map((change, index) => ({ ...change, id: index + 1 })),
    });
    for (const { id, event, payload } of replayed) {
      const meta = { replayed: true, id };
      this.#push(channel, "broadcast", {
        ...{ type: "broadcast", event, payload, meta },
      });
    }
    if (settings.presence) this.#push(channel, "presence_state", {});
    for (const feature of settings.unsupported) {
      this.#system(channel, feature, "error", notSupported(feature));
    }
    if (settings.replicationReady) this.#announceDelivery(channel);
  }

  /** Does the work that a join needs before its answer. */
  async #openChannel(
    message: ClientMessage,
  ): Promise<{ channel: Channel; replayed: ReplayedMessage[] } | Refusal> {
    const { project } = this.relay;
    const topic = message.topic.slice(PREFIX.length);
    if (topic === "") {
      return {
        code: "TopicNameRequired",
        message: "You must provide a topic name",
      };
    }
    const identity = await this.#identify(message.payload.access_token);
    if ("code" in identity) return identity;
    if (!await project.isReachable()) return unreachable;
    const settings = parseSettings(topic, message.joinRef, message.payload);
    const channel = new Channel(this, settings, identity);
    const verdict = await channel.authorize(identity);
    // Realtime makes the partitions meanwhile. The first private join of a new
    // project can come too early; here it always does.
    project.wake();
    const refusal = readRefusal(verdict, topic);
    if (refusal) return refusal;
    const { replay } = settings;
    if (typeof replay === "string") {
      return {
        code: "UnableToReplayMessages",
        message: replay === "public channel"
          ? "Replay is not allowed for public channels"
          : "Replay params are not valid",
      };
    }
    const replayed = replay
      ? await readMessages(project.sql, topic, replay)
      : [];
    for (const { id } of replayed) channel.replayed.add(id);
    return { channel, replayed };
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
    // Realtime drops what the client may not send, without an answer.
    if (!broadcast || !await channel.mayWrite()) return;
    this.relay.project.rate.add();
    const { ack, self } = channel.settings;
    const sender = self ? undefined : channel;
    this.relay.topics.publish(channel, broadcast, sender);
    if (ack) this.#reply(message);
  }

  async #announceDelivery(channel: Channel) {
    const isDelivering = await this.relay.project.isDelivering(
      LONGEST_WAIT_FOR_REPLICATION_MS,
    );
    if (!this.#has(channel)) return;
    if (!isDelivering) {
      const message = "Replication connection was not established in time";
      return this.shutDown(channel, message);
    }
    const message = "Replication connection established";
    this.#system(channel, "system", "ok", message);
  }

  /** The identity for a channel: its access token, else the API key. */
  #identify(token: unknown): Promise<Identity | Refusal> | Identity {
    if (token === undefined || token === null) return this.#apiKeyIdentity;
    // supabase-js sends its API key when no user is signed in.
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
    // The client ignores a close that lacks the ref of its join.
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

const unreachable: Refusal = {
  code: "UnableToConnectToProject",
  message: "Realtime was unable to connect to the project database",
};

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
      return unreachable;
    case "no partition":
      return {
        code: "MissingPartition",
        message: "Realtime was unable to find the expected messages partition",
      };
  }
}

function notSupported(feature: string): string {
  return `The local Realtime relay does not support ${feature}`;
}
