/** Which channels are joined, and the delivery of broadcasts to them. */

import type { Channel } from "./channel.ts";
import type { EventRate } from "./event_rate.ts";
import { type Broadcast, encodeBroadcast } from "./protocol.ts";

/** Where a broadcast goes: private and public channels never mix. */
export interface Address {
  /** The topic as SQL knows it, without the prefix `realtime:`. */
  topic: string;
  isPrivate: boolean;
}

/** The joined channels of all connections. */
export class Topics {
  readonly #channels = new Map<string, Set<Channel>>();
  readonly #rate: EventRate;

  /** @param rate counts each delivery */
  constructor(rate: EventRate) {
    this.#rate = rate;
  }

  add(channel: Channel) {
    const key = keyOf(channel);
    const members = this.#channels.get(key);
    if (members) members.add(channel);
    else this.#channels.set(key, new Set([channel]));
  }

  remove(channel: Channel) {
    const key = keyOf(channel);
    const members = this.#channels.get(key);
    members?.delete(channel);
    if (members?.size === 0) this.#channels.delete(key);
  }

  /** Delivers to every channel at the address, `except` the sender's own. */
  publish(address: Address, broadcast: Broadcast, except?: Channel) {
    const frames = new Map<string, ReturnType<typeof encodeBroadcast>>();
    for (const channel of this.#channels.get(keyOf(address)) ?? []) {
      if (channel === except || isReplayed(channel, broadcast)) continue;
      const { connection } = channel;
      let frame = frames.get(connection.version);
      if (frame === undefined) {
        const topic = `realtime:${address.topic}`;
        frame = encodeBroadcast(connection.version, topic, broadcast);
        frames.set(connection.version, frame);
      }
      if (frame !== null) connection.sendFrame(frame);
      this.#rate.add();
      if (this.#rate.isExceeded) {
        connection.shutDown(channel, "Too many messages per second");
      }
    }
  }
}

function isReplayed({ replayed }: Channel, { id }: Broadcast): boolean {
  return id !== undefined && replayed.has(id);
}

function keyOf({ topic, isPrivate }: Address): string {
  return `${isPrivate ? "private" : "public"}:${topic}`;
}
