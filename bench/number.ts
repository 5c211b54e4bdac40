/**
 * Numbers as people read them, the same in tables and charts.
 *
 * @module
 */
const format = new Intl.NumberFormat("en", {
  maximumSignificantDigits: 3,
  maximumFractionDigits: 0,
  roundingPriority: "morePrecision",
});

/** Three digits that count, and all before the point: 0.0123, 1,235. */
export function formatNumber(value: number): string {
  return format.format(value);
}
