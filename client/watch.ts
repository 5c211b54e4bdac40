/**
 * Hears of the session's end on the app's own Realtime socket. The broadcast
 * may be lost, and a join may be refused because the session is over, so after
 * every join the session is asked after.
 *
 * @module
 */
import type { RealtimeChannel, SupabaseClient } from "@supabase/supabase-js";
import type { EndReason, Environment, SessionEvent } from "./types.ts";

const LONGEST_RETRY_MILLISECONDS = 30_000;

/** What a watch needs of the client. */
export interface WatchOptions {
  environment: Environment;
  /** The session that is signed in now. */
  sessionId(): string | undefined;
  onChange(listener: (event: SessionEvent) => void): () => void;
  end(sessionId: string, reason: EndReason, at?: number): Promise<void>;
  /** Asks the server whether the session stands, and ends it if not. */
  check(): Promise<void>;
}

/** Joins `session:<id>`, and again with a new channel whenever it is lost. */
export class Watch {
  #channel: RealtimeChannel | undefined;
  #sessionId: string | undefined;
  /** A session was watched: its channels are this library's to close. */
  #hasJoined = false;
  #isStopped = false;
  #failures = 0;
  #timer: unknown;
  readonly #stopListening: () => void;

  constructor(
    readonly supabase: SupabaseClient,
    readonly options: WatchOptions,
  ) {
    this.#stopListening = options.onChange((event) => this.#follow(event));
    void this.#join();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopListening();
    this.#leave();
  }

  #follow(event: SessionEvent): void {
    if (event.type === "token_refreshed") {
      // Each joined channel gets the token now, not at the next heartbeat.
      void this.supabase.realtime.setAuth().catch(() => {});
    } else if (event.type === "signed_in") {
      void this.#join();
    } else if (this.#hasJoined) {
      // Joined channels would live on with the old user's token until its
      // expiry: all of them, not only this one.
      this.#leave();
      this.#hasJoined = false;
      void this.supabase.removeAllChannels().catch(() => {})
        .then(() => this.#join());
    }
  }

  #leave(): void {
    this.options.environment.clearTimeout(this.#timer);
    this.#sessionId = undefined;
    const channel = this.#channel;
    this.#channel = undefined;
    if (channel) void this.supabase.removeChannel(channel).catch(() => {});
  }

  async #join(): Promise<void> {
    const id = this.options.sessionId();
    if (this.#isStopped || !id || id === this.#sessionId) return;
    this.#leave();
    this.#sessionId = id;
    this.#hasJoined = true;
    try {
      // A private channel is joined with the token that is set by then.
      await this.supabase.realtime.setAuth();
    } catch {
      if (this.#sessionId === id) this.#rejoin();
      return;
    }
    if (this.#sessionId !== id || this.#channel) return;
    const channel = this.supabase.channel(`session:${id}`, {
      config: { private: true },
    });
    this.#channel = channel;
    channel.on("broadcast", { event: "session-revoked" }, ({ payload }) => {
      if (payload?.session_id !== id) return;
      const { reason = "signed_out", event_timestamp } = payload;
      void this.options.end(id, reason, event_timestamp);
    });
    channel.subscribe((status) => {
      // A channel that was left has nothing to say any more.
      if (this.#channel !== channel) return;
      if (status === "SUBSCRIBED") this.#failures = 0;
      else this.#rejoin();
      void this.#check(id);
    });
  }

  /** What was sent while nobody listened is not sent again. */
  async #check(id: string): Promise<void> {
    try {
      await this.options.check();
    } catch {
      // Where it was not joined, the next join asks again.
      if (this.#sessionId !== id) return;
      this.#timer = this.options.environment.setTimeout(
        () => void this.#check(id),
        LONGEST_RETRY_MILLISECONDS,
      );
    }
  }

  /** A channel that the server closed never comes back: it takes a new one. */
  #rejoin(): void {
    this.#leave();
    const { environment } = this.options;
    const wait = environment.random() * Math.min(
      LONGEST_RETRY_MILLISECONDS,
      1000 * 2 ** this.#failures++,
    );
    this.#timer = environment.setTimeout(() => void this.#join(), wait);
  }
}
