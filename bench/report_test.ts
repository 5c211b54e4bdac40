import { assertEquals, assertStringIncludes } from "@std/assert";
import { writeReport } from "./report.ts";
import type { Result } from "./section.ts";

const result: Result = {
  tables: [{
    title: "Calls",
    columns: ["", "Per second", "Share"],
    rows: [["a | b", { median: 1234.5, min: 1000, max: 2000 }, "50 %"]],
  }],
  charts: [{ name: "calls", title: "Calls per second", unit: "", bars: [] }],
  notes: ["A note."],
  aims: [{ what: "Rate", value: 1.744, limit: "5", holds: false }],
  checks: [{ what: "Statements", value: 2, limit: "1", holds: false }],
};

Deno.test("report: figures, charts, and checks that do not hold", () => {
  const text = writeReport({
    circumstances: [["PostgreSQL", "17"]],
    sections: [{ title: "Refresh", result }],
  }, "docs/bench");
  assertStringIncludes(text, "| PostgreSQL | 17 |");
  assertStringIncludes(text, "| Statements | 2 | 1 | **no** |");
  assertStringIncludes(text, "| Rate | 1.74 | 5 | **no** |");
  assertStringIncludes(
    text,
    "## Refresh\n\n![Calls per second](docs/bench/calls.svg)",
  );
  assertStringIncludes(
    text,
    "|  | Per second | Share |\n| --- | --: | --- |\n" +
      "| a \\| b | 1,235 (1,000–2,000) | 50 % |",
  );
  assertStringIncludes(text, "\n\nA note.\n");
});

Deno.test("report: without checks and aims, it has no tables for them", () => {
  const text = writeReport({
    circumstances: [],
    sections: [{ title: "Start", result: { ...result, checks: [], aims: [] } }],
  }, "docs/bench");
  assertEquals(text.match(/## (?!Start)/), null);
});
