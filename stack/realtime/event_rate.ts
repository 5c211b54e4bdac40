/** Buckets per window, as Realtime counts. */
const BUCKETS = 12;

/**
 * The project's rate limit: events per second, on average over a window. All
 * clients and the database share it.
 */
export class EventRate {
  /** Events per second, as of the last bucket that ended. */
  average = 0;
  /** Whether the average is at or above the limit. */
  isExceeded = false;
  #count = 0;
  readonly #buckets: number[] = [];
  readonly #timer: ReturnType<typeof setInterval>;

  /**
   * @param limit events per second
   * @param windowMilliseconds the time of which the average is taken
   * @param onExceeded called when the average reaches the limit
   */
  constructor(
    readonly limit: number,
    windowMilliseconds: number,
    onExceeded: () => void,
  ) {
    const milliseconds = windowMilliseconds / BUCKETS;
    this.#timer = setInterval(() => {
      this.#buckets.unshift(this.#count);
      this.#buckets.splice(BUCKETS);
      this.#count = 0;
      const sum = this.#buckets.reduce((a, b) => a + b, 0);
      this.average = sum / this.#buckets.length / (milliseconds / 1000);
      const wasExceeded = this.isExceeded;
      this.isExceeded = this.average >= limit;
      if (this.isExceeded && !wasExceeded) onExceeded();
    }, milliseconds);
  }

  add() {
    this.#count++;
  }

  close() {
    clearInterval(this.#timer);
  }
}
