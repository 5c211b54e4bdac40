/**
 * Formats numbers for tables and charts.
 *
 * @module
 */
const format = new Intl.NumberFormat("en", {
  maximumSignificantDigits: 3,
  maximumFractionDigits: 0,
  roundingPriority: "morePrecision",
});

/** Three significant digits, and all digits before the point: 0.0123, 1,235. */
export function formatNumber(value: number): string {
  return format.format(value);
}
