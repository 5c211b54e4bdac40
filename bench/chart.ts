/**
 * Draws bar charts as SVG. There is no library, because one kind of chart is a
 * list of rectangles. The file is small, is readable in a diff, and follows the
 * reader's light or dark theme.
 *
 * @module
 */
import { formatNumber } from "./number.ts";
import type { Bar, Chart } from "./section.ts";

const WIDTH = 760;
const PADDING = 24;
const HEADER = 64;
const ROW = 28;
const BAR = 16;
const GROUP = 36;
/** Average width of a character of sans-serif fonts at 13 px. */
const CHARACTER = 6.8;

/** It has a background, because the page's theme may differ from the system's. */
const STYLE = `
  svg { color-scheme: light dark; font: 13px system-ui, sans-serif }
  .background { fill: #ffffff; stroke: #d8dde3 }
  text { fill: #1f2733 }
  .title { font-size: 17px; font-weight: 600 }
  .group { font-weight: 600 }
  .unit { fill: #5b6675 }
  .bar { fill: #a9b4c2 }
  .ours { fill: #0b7f5c }
  .spread { stroke: #1f2733; stroke-width: 1.5; fill: none }
  @media (prefers-color-scheme: dark) {
    .background { fill: #10151c; stroke: #2c3541 }
    text { fill: #e4e9f0 }
    .unit { fill: #9ba7b6 }
    .bar { fill: #566273 }
    .ours { fill: #2fbd8f }
    .spread { stroke: #e4e9f0 }
  }`.replaceAll("\n  ", "\n    ");

/**
 * Draws one SVG file: one bar per row, starting at zero, with the spread of its
 * rounds as a line. The numbers are beside the bars, and in the description for
 * screen readers.
 */
export function drawChart({ title, unit, bars }: Chart): string {
  const rows = layOut(bars);
  const height = HEADER + PADDING / 2 + rows.at(-1)!.bottom;
  const left = PADDING + 12 + CHARACTER * longest(bars.map((bar) => bar.label));
  const room = CHARACTER * longest(bars.map((bar) => spell(bar.value)));
  const span = WIDTH - PADDING - left - room - 8;
  const most = Math.max(...bars.map((bar) => spread(bar.value).max));
  const x = (value: number) => round(left + (most && span * value / most));

  const drawn = rows.map(({ bar, top, heading }) => {
    const { median, min, max } = spread(bar.value);
    const middle = HEADER + top + BAR / 2;
    return [
      heading && text("group", PADDING, middle - ROW + 2, heading),
      text("label", PADDING, middle + 5, bar.label),
      `<rect class="${bar.ours ? "ours" : "bar"}" x="${x(0)}" y="${
        middle - BAR / 2
      }" width="${round(x(median) - x(0))}" height="${BAR}" rx="2"/>`,
      max > min &&
      `<path class="spread" d="M${x(min)} ${middle}H${x(max)}M${x(min)} ${
        middle - 4
      }v8M${x(max)} ${middle - 4}v8"/>`,
      text("value", x(max) + 8, middle + 5, spell(bar.value)),
    ].filter(Boolean).join("\n  ");
  });
  const description = bars.map(({ group, label, value }) =>
    `${group ? `${group}, ` : ""}${label}: ${spell(value)}`
  ).join("; ");

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title description">
  <title id="title">${escape(title)}</title>
  <desc id="description">In ${escape(unit)}. ${escape(description)}.</desc>
  <style>${STYLE}
  </style>
  <rect class="background" x="0.5" y="0.5" width="${WIDTH - 1}" height="${
    height - 1
  }" rx="8"/>
  ${text("title", PADDING, 32, title)}
  ${text("unit", PADDING, 52, unit)}
  ${drawn.join("\n  ")}
</svg>
`;
}

interface Row {
  bar: Bar;
  top: number;
  bottom: number;
  /** The group's name, shown above its first bar. */
  heading?: string;
}

function layOut(bars: Bar[]): Row[] {
  let bottom = 0;
  return bars.map((bar, index) => {
    const heading = bar.group === bars[index - 1]?.group
      ? undefined
      : bar.group;
    const top = bottom + (heading ? GROUP : 0);
    bottom = top + ROW;
    return { bar, top, bottom, heading };
  });
}

function spread(value: Bar["value"]) {
  return typeof value === "number"
    ? { median: value, min: value, max: value }
    : value;
}

function spell(value: Bar["value"]): string {
  return formatNumber(spread(value).median);
}

function longest(texts: string[]): number {
  return Math.max(...texts.map((text) => text.length));
}

function text(style: string, x: number, y: number, content: string): string {
  return `<text class="${style}" x="${x}" y="${y}">${escape(content)}</text>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** Rounds to tenths of a pixel, which keeps diffs short. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
