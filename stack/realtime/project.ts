/**
 * Realtime's connection to the project's database. Without clients it is
 * inactive and receives nothing. The first join activates it. Some time after
 * the last client has left, it becomes inactive again.
 */

import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import type { Sql } from "../sql.ts";
import type { EventRate } from "./event_rate.ts";
import { type MessageRow, startReplication } from "./replication.ts";

const LONGEST_PAUSE_MS = 5 * 60_000;
const PARTITION_CHECK_MS = 6 * 60 * 60_000;

/** The options of a project. */
export interface ProjectOptions {
  /** A connection string whose role may replicate and own tables. */
  databaseUrl: string;
  sql: Sql;
  rate: EventRate;
  onRow: (row: MessageRow) => void;
  onLog: (line: string) => void;
  /** How long it stays awake without clients, in ms. */
  restAfter: number;
  /** First pause before a lost replication connection is made again, in ms. */
  reconnectAfter: number;
}

/** The project as Realtime sees it. */
export class Project {
  readonly #options: ProjectOptions;
  readonly #clients = new Set<unknown>();
  #isAwake = false;
  /** Ends the present time awake. */
  #rest = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #ready = Promise.withResolvers<void>();
  readonly #closed = new AbortController();
  #restTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ProjectOptions) {
    this.#options = options;
  }

  get sql(): Sql {
    return this.#options.sql;
  }

  get rate(): EventRate {
    return this.#options.rate;
  }

  /** Whether the database can be reached. Tries it only at rest. */
  async isReachable(): Promise<boolean> {
    if (this.#isAwake) return true;
    try {
      await this.sql`select`;
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Makes the partitions of `realtime.messages` and starts to receive what is
   * inserted there, in the background.
   */
  wake() {
    if (this.#isAwake) return;
    this.#isAwake = true;
    this.#rest = new AbortController();
    const { signal } = this.#rest;
    // An earlier time awake may still be closing its connection.
    this.#running = this.#running.then(() => this.#run(signal));
    this.#restIfUnused();
  }

  /** Counts a client that has joined a channel, until it has gone. */
  addClient(client: { closed: Promise<void> }) {
    if (this.#clients.has(client)) return;
    this.#clients.add(client);
    clearTimeout(this.#restTimer);
    client.closed.then(() => {
      this.#clients.delete(client);
      this.#restIfUnused();
    });
  }

  /** Resolves to whether database broadcasts are delivered, in time. */
  async isDelivering(milliseconds: number): Promise<boolean> {
    const done = new AbortController();
    const signal = AbortSignal.any([done.signal, this.#closed.signal]);
    const ready = this.#ready.promise.then(() => true);
    const late = sleep(milliseconds, signal).then(() => false);
    return await Promise.race([ready, late]).finally(() => done.abort());
  }

  async close() {
    clearTimeout(this.#restTimer);
    this.#isAwake = false;
    this.#closed.abort();
    this.#rest.abort();
    await this.#running;
  }

  #restIfUnused() {
    if (!this.#isAwake || this.#clients.size > 0) return;
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(() => {
      this.#isAwake = false;
      this.#rest.abort();
      this.#options.onLog("No clients: dropped the replication slot");
    }, this.#options.restAfter);
  }

  async #run(rest: AbortSignal) {
    const { databaseUrl, onRow, onLog, reconnectAfter } = this.#options;
    let pause = reconnectAfter;
    while (!rest.aborted) {
      try {
        await this.#makePartitions();
        const { ended } = await startReplication(databaseUrl, onRow, rest);
        onLog("Replication connection established");
        this.#ready.resolve();
        pause = reconnectAfter;
        const timer = setInterval(
          () => this.#makePartitions().catch(() => {}),
          PARTITION_CHECK_MS,
        );
        await ended.finally(() => clearInterval(timer));
        if (!rest.aborted) {
          onLog("Lost the replication connection: reconnecting");
        }
      } catch (error) {
        if (!rest.aborted) onLog(`Could not receive messages: ${error}`);
      }
      this.#ready = Promise.withResolvers();
      await sleep(pause, rest);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  /** Yesterday to three days ahead; older ones than three days are dropped. */
  async #makePartitions() {
    await this.sql.unsafe(`
      do $$
      declare
        today constant date := (now() at time zone 'UTC')::date;
        day date;
        old regclass;
      begin
        for day in select generate_series(today - 1, today + 3, '1 day') loop
          execute format(
            'create table if not exists realtime.%I
             partition of realtime.messages for values from (%L) to (%L)',
            'messages_' || to_char(day, 'YYYY_MM_DD'), day, day + 1);
          execute format(
            'alter table realtime.%I owner to supabase_realtime_admin',
            'messages_' || to_char(day, 'YYYY_MM_DD'));
        end loop;
        for old in
          select inhrelid::regclass from pg_inherits
          where inhparent = 'realtime.messages'::regclass
            and to_date(
              substring(inhrelid::regclass::text from '\\d{4}_\\d{2}_\\d{2}$'),
              'YYYY_MM_DD') < today - 3
        loop
          execute format('drop table %s', old);
        end loop;
        if not exists (
          select from pg_publication
          where pubname = 'supabase_realtime_messages_publication'
        ) then
          create publication supabase_realtime_messages_publication
            for table realtime.messages;
        end if;
      end $$`);
  }
}

/** Waits, or less long if the signal aborts. */
async function sleep(milliseconds: number, signal: AbortSignal) {
  await setTimeoutPromise(milliseconds, undefined, { signal }).catch(() => {});
}
