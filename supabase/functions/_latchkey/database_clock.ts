/**
 * Tells the database, in the database's own time, until when a call may write.
 *
 * The clocks of the two machines may differ, so an answer that carries the
 * database's time bounds the difference: the database read its clock after the
 * call was sent and before the answer arrived. A deadline is computed with the
 * lower bound, so it is never later than meant, only earlier by at most the time
 * that the answer took.
 *
 * This side's clock is `performance.now()`, which no correction of the system's
 * time moves. If an isolate is suspended and its clock stands still, deadlines
 * come too early: the database refuses, and its refusal carries the time.
 *
 * @module
 */

/**
 * Two clocks that each run wrong by 100 ppm differ by 0.12 s after this long,
 * far less than the margin between the deadline and the caller's patience.
 */
const LONGEST_MILLISECONDS = 10 * 60_000;

/** The database's clock, as far as its answers have told. */
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
    // The text was cut to whole milliseconds.
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
   * The database's time at one of ours, or a little before it.
   *
   * @throws {Error} The clock is not known.
   */
  timeAt(ours: number): string {
    if (!this.#ahead) throw new Error("The database's time is not known");
    return new Date(ours + this.#ahead.least).toISOString();
  }
}
