/**
 * Computes until when a call may write, in the database's own time.
 *
 * The clocks of the two machines may differ. An answer that contains the
 * database's time gives bounds for the difference, because the database read
 * its clock after the call was sent and before the answer arrived. A deadline
 * is computed with the lower bound. So it is never later than intended, and
 * earlier by at most the time that the answer took.
 *
 * The function's clock is `performance.now()`, which does not change when the
 * system's time is corrected. If an isolate is suspended and its clock stops,
 * deadlines come too early. The database then refuses, and its refusal contains
 * the time.
 *
 * @module
 */

/**
 * After this time, two clocks that each drift by 100 ppm differ by 0.12 s. That
 * is far less than the margin between the deadline and the end of the caller's
 * wait.
 */
const LONGEST_MILLISECONDS = 10 * 60_000;

/** The database's clock, as known from its answers. */
export class DatabaseClock {
  /** The database's time minus ours, in ms; ours when the bounds were last met. */
  #ahead: { least: number; most: number; at: number } | undefined;

  /** @param now Milliseconds that never go backwards. */
  constructor(readonly now: () => number = () => performance.now()) {}

  /**
   * Whether a deadline can be computed. Otherwise, ask the database for its time
   * first.
   */
  get known(): boolean {
    return this.#ahead !== undefined &&
      this.now() - this.#ahead.at <= LONGEST_MILLISECONDS;
  }

  /**
   * Learns from an answer of the database.
   *
   * @param time The database's time, as an ISO 8601 text.
   * @param sent Our time when the call was sent.
   */
  observe(time: string, sent: number): void {
    const at = this.now();
    const milliseconds = Date.parse(time);
    if (Number.isNaN(milliseconds)) return;
    const least = milliseconds - at;
    // The text is rounded down to whole milliseconds.
    const most = milliseconds + 1 - sent;
    const before = this.#ahead;
    this.#ahead = before && least <= before.most && before.least <= most
      ? {
        least: Math.max(least, before.least),
        most: Math.min(most, before.most),
        at,
      }
      // One of the clocks has jumped: only the new answer counts.
      : { least, most, at };
  }

  /**
   * The database's time at a given time of this clock, or a little earlier.
   *
   * @throws {Error} The clock is not known.
   */
  timeAt(ours: number): string {
    if (!this.#ahead) throw new Error("The database's time is not known");
    return new Date(ours + this.#ahead.least).toISOString();
  }
}
