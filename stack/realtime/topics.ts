/** Which channels are joined, and the delivery of broadcasts to them. */

import type { Channel } from "./channel.ts";
import { type Broadcast, encodeBroadcast } from "./protocol.ts";

/** Where a broadcast goes: private and public channels are separate worlds. */
export interface Address {
  /** The topic as SQL knows it, without the prefix `realtime:`. */
  topic: string;
  isPrivate: boolean;
}

/** The joined channels of all connections. */
export class Topics {
  readonly #channels = new Map<string, Set<Channel>>();

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
      if (channel === except) continue;
      const { connection } = channel;
      let frame = frames.get(connection.version);
      if (frame === undefined) {
        const topic = `realtime:${address.topic}`;
        frame = encodeBroadcast(connection.version, topic, broadcast);
        frames.set(connection.version, frame);
      }
      if (frame !== null) connection.sendFrame(frame);
    }
  }
}

function keyOf({ topic, isPrivate }: Address): string {
  return `${isPrivate ? "private" : "public"}:${topic}`;
}
