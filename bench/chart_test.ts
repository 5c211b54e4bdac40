import { assertEquals, assertMatch } from "@std/assert";
import { drawChart } from "./chart.ts";

const chart = {
  name: "refresh",
  title: "Refreshes & <more>",
  unit: "requests per second",
  bars: [
    {
      group: "64 connections",
      label: "Latchkey",
      value: { median: 1200, min: 1000, max: 1500 },
      ours: true,
    },
    { group: "64 connections", label: "Bare update", value: 600 },
    { group: "1 connection", label: "Latchkey", value: 0 },
  ],
};
const svg = drawChart(chart);

/** All elements with this name: attributes and text. */
function elements(name: string): Record<string, string>[] {
  const found = svg.matchAll(
    new RegExp(`<${name} ([^>]*?)/?>([^<]*)`, "g"),
  );
  return [...found].map(([, attributes, content]) => ({
    content: content!,
    ...Object.fromEntries(
      [...attributes!.matchAll(/([\w-]+)="([^"]*)"/g)]
        .map(([, name, value]) => [name, value]),
    ),
  }));
}

Deno.test("chart: a bar starts at zero, and its length is its value", () => {
  const widths = elements("rect").slice(1).map(({ width }) => Number(width));
  assertEquals(widths.length, 3);
  assertEquals(Math.abs(widths[0]! / widths[1]! - 2) < 0.01, true);
  assertEquals(widths[2], 0);
});

Deno.test("chart: only Latchkey's bars have the accent colour", () => {
  const styles = elements("rect").slice(1).map((bar) => bar.class);
  assertEquals(styles, ["ours", "bar", "bar"]);
});

Deno.test("chart: a group is named once, and only several rounds have a spread", () => {
  const groups = elements("text").filter((text) => text.class === "group");
  assertEquals(groups.map(({ content }) => content), [
    "64 connections",
    "1 connection",
  ]);
  assertEquals(elements("path").length, 1);
});

Deno.test("chart: all texts are inside, one row below the other", () => {
  const [, , width, height] = svg.match(/viewBox="(\S+) (\S+) (\S+) (\S+)"/)!
    .slice(1).map(Number);
  const texts = elements("text");
  for (const { x, y, content } of texts) {
    assertEquals(Number(x) + content!.length * 6 < width!, true, content);
    assertEquals(Number(y) < height!, true, content);
  }
  const rows = texts.filter((text) => text.class === "label")
    .map(({ y }) => Number(y));
  assertEquals(rows, rows.toSorted((a, b) => a - b));
});

Deno.test("chart: text is escaped, and the description has the numbers", () => {
  assertMatch(svg, /<title id="title">Refreshes &amp; &lt;more><\/title>/);
  assertMatch(svg, /In requests per second\. 64 connections, Latchkey: 1,200;/);
});
