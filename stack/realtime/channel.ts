/** One joined channel of one connection, with its identity and verdicts. */

import {
  type AuthorizationContext,
  canRead,
  canWrite,
  type Verdict,
} from "./authorization.ts";
import type { Connection } from "./connection.ts";
import { expiredMessage, type Identity } from "./identity.ts";
import { isRecord } from "./protocol.ts";

const MOST_REPLAYED = 25;
// Timers overflow after 24.8 days, so a later expiry is waited for in steps.
const LONGEST_TIMER_MS = 24 * 60 * 60 * 1000;

/** Earlier messages to send after a join. */
export interface Replay {
  /** Unix time in ms. */
  since: number;
  /** How many, at most. */
  limit: number;
}

/** What a client requests when it joins. */
export interface ChannelSettings {
  /** The topic as SQL knows it, without the prefix `realtime:`. */
  topic: string;
  joinRef: string | null;
  isPrivate: boolean;
  /** Whether the client's broadcasts are acknowledged. */
  ack: boolean;
  /** Whether the client receives its own broadcasts. */
  self: boolean;
  /** Whether to tell the client once database broadcasts are delivered. */
  replicationReady: boolean;
  /** Which earlier messages to send, or why they cannot be sent. */
  replay: Replay | "public channel" | "bad parameters" | null;
  /** What the client asked for and the relay does not have. */
  unsupported: string[];
  presence: boolean;
  postgresChanges: Record<string, unknown>[];
}

/** Reads the payload of a join. */
export function parseSettings(
  topic: string,
  joinRef: string | null,
  payload: Record<string, unknown>,
): ChannelSettings {
  const config = record(payload.config);
  const broadcast = record(config.broadcast);
  const postgresChanges = Array.isArray(config.postgres_changes)
    ? config.postgres_changes.filter(isRecord)
    : [];
  const unsupported = [];
  if (postgresChanges.length > 0) unsupported.push("postgres_changes");
  const isPrivate = isTrue(config.private);
  return {
    topic,
    joinRef,
    isPrivate,
    replay: parseReplay(broadcast.replay, isPrivate),
    ack: isTrue(broadcast.ack),
    self: isTrue(broadcast.self),
    replicationReady: isTrue(broadcast.replication_ready),
    presence: isTrue(record(config.presence).enabled),
    postgresChanges,
    unsupported,
  };
}

function parseReplay(
  replay: unknown,
  isPrivate: boolean,
): ChannelSettings["replay"] {
  if (replay === undefined) return null;
  if (!isPrivate) return "public channel";
  if (!isRecord(replay)) return null;
  const { since, limit = MOST_REPLAYED } = replay;
  if (!Number.isSafeInteger(since) || !Number.isSafeInteger(limit)) {
    return "bad parameters";
  }
  return {
    since: Number(since),
    limit: Math.max(1, Math.min(Number(limit), MOST_REPLAYED)),
  };
}

/** A joined channel. */
export class Channel {
  readonly settings: ChannelSettings;
  readonly connection: Connection;
  /** Ids of the messages that were replayed, which are not delivered again. */
  readonly replayed = new Set<string>();
  #identity: Identity;
  #writeVerdict: Verdict | null = null;
  #expiryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    connection: Connection,
    settings: ChannelSettings,
    identity: Identity,
  ) {
    this.connection = connection;
    this.settings = settings;
    this.#identity = identity;
  }

  get topic(): string {
    return this.settings.topic;
  }

  get isPrivate(): boolean {
    return this.settings.isPrivate;
  }

  get token(): string | null {
    return this.#identity.token;
  }

  /** Whether the policies let `identity` receive from this channel. */
  authorize(identity: Identity): Promise<Verdict> {
    if (!this.isPrivate) return Promise.resolve("allowed");
    return canRead(this.connection.relay.project.sql, this.#context(identity));
  }

  /** Starts delivery of broadcasts. The identity must be authorized. */
  open() {
    this.connection.relay.topics.add(this);
    this.#watchExpiry();
  }

  /** Replaces the identity with another that is authorized. */
  replaceIdentity(identity: Identity) {
    this.#identity = identity;
    this.#writeVerdict = null;
    this.#watchExpiry();
  }

  /** Whether the client may send here. The first broadcast asks the policies. */
  async mayWrite(): Promise<boolean> {
    if (!this.isPrivate) return true;
    if (this.#writeVerdict === null) {
      const { sql } = this.connection.relay.project;
      const verdict = await canWrite(sql, this.#context(this.#identity));
      if (verdict !== "allowed" && verdict !== "denied") return false;
      this.#writeVerdict = verdict;
    }
    return this.#writeVerdict === "allowed";
  }

  /** Stops delivery. The client is not told. */
  leave() {
    clearTimeout(this.#expiryTimer);
    this.connection.relay.topics.remove(this);
  }

  #watchExpiry() {
    clearTimeout(this.#expiryTimer);
    const { exp } = this.#identity.claims;
    if (exp === undefined) return;
    const remaining = exp * 1000 - Date.now();
    this.#expiryTimer = setTimeout(() => {
      if (Date.now() < exp * 1000) this.#watchExpiry();
      else this.connection.shutDown(this, expiredMessage(exp));
    }, Math.min(remaining, LONGEST_TIMER_MS));
  }

  #context(identity: Identity): AuthorizationContext {
    const { topic, connection } = this;
    return { topic, claims: identity.claims, headers: connection.headers };
  }
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}
