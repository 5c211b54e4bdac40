/**
 * The report, as Markdown.
 *
 * @module
 */
import { formatNumber } from "./number.ts";
import type { Cell, Check, Result, Table } from "./section.ts";

/** What was measured where, and what came of it. */
export interface Report {
  /** What the figures belong to, such as the machine: name and value. */
  circumstances: [name: string, value: string][];
  sections: { title: string; result: Result }[];
}

/**
 * Writes the report.
 *
 * @param chartFolder where the charts are, seen from the report
 */
export function writeReport(
  { circumstances, sections }: Report,
  chartFolder: string,
): string {
  const checks = sections.flatMap(({ result }) => result.checks);
  const aims = sections.flatMap(({ result }) => result.aims);
  return [
    "# Benchmarks",
    "Written by `deno task bench`: repeat it on your machine. A figure is the " +
    "median of interleaved rounds, with the lowest and the highest behind it " +
    "where they differ.",
    ...table({
      title: "",
      columns: ["", ""],
      rows: circumstances,
    }),
    ...checks.length > 0
      ? [
        "## On any machine",
        ...checkTable(
          "What does not depend on it; `--quick` fails where one does not hold.",
          checks,
        ),
      ]
      : [],
    ...aims.length > 0
      ? [
        "## The aims",
        ...checkTable(
          "What was hoped for, and what this machine reached. What bounds a " +
            "figure stands in its section.",
          aims,
        ),
      ]
      : [],
    ...sections.flatMap(({ title, result }) => [
      `## ${title}`,
      ...result.charts.map((chart) =>
        `![${chart.title}](${chartFolder}/${chart.name}.svg)`
      ),
      ...result.tables.flatMap(table),
      ...result.notes,
    ]),
  ].join("\n\n") + "\n";
}

function checkTable(title: string, checks: Check[]): string[] {
  return table({
    title,
    columns: ["", "Measured", "Aim", "Holds"],
    rows: checks.map(({ what, value, limit, holds }) => [
      ...[what, value, limit],
      holds ? "yes" : "**no**",
    ]),
  });
}

function table({ title, columns, rows }: Table): string[] {
  const numeric = columns.map((_, i) =>
    rows.length > 0 && rows.every((row) => typeof row[i] !== "string")
  );
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [
    ...title ? [title.endsWith(".") ? title : `${title}:`] : [],
    [
      line(columns),
      line(numeric.map((isNumeric) => isNumeric ? "--:" : "---")),
      ...rows.map((row) => line(row.map(spell))),
    ].join("\n"),
  ];
}

function spell(cell: Cell): string {
  if (typeof cell === "string") return cell.replaceAll("|", "\\|");
  if (typeof cell === "number") return formatNumber(cell);
  const [median, min, max] = [cell.median, cell.min, cell.max].map(
    formatNumber,
  );
  return min === max ? median! : `${median} (${min}–${max})`;
}
