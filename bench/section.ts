/**
 * The input and output of a section of the benchmark.
 *
 * @module
 */
import type { Sql } from "../stack/sql.ts";
import type { Stack } from "../stack/stack.ts";

/** One topic of the benchmark. */
export interface Section {
  /** The name for `--only`. */
  name: string;
  /** The heading in the report. */
  title: string;
  run(bench: Bench): Promise<Result>;
}

/** What all sections share. */
export interface Bench {
  /** Fewer rounds and smaller numbers: about a minute for all sections. */
  quick: boolean;
  /** A stack for this run alone. */
  stack: Stack;
  /** How long the stack took to start, in milliseconds. */
  readyMilliseconds: number;
  /** Connections of the superuser. */
  sql: Sql;
  /** Base URL of the functions, for both ways to the database. */
  ways: { "over the Data API": string; "over a connection": string };
  /** Connection string of the functions' role. */
  functionsDbUrl: string;
  /** The Supabase Auth servers to compare with, the stack's own first. */
  peers: Peer[];
  /** A temporary folder for this run. */
  work: string;
  /** Shows what is being measured. */
  progress(message: string): void;
}

/** A running Supabase Auth that is compared with Latchkey. */
export interface Peer {
  /** Its name in the report. */
  name: string;
  /** Base URL, without a slash at the end. */
  url: string;
  /** Headers that its gateway needs, such as an API key. */
  headers: Record<string, string>;
  /** The database it uses, on the stack's server. */
  database: string;
}

/** The result of a section. */
export interface Result {
  tables: Table[];
  charts: Chart[];
  /** Paragraphs below the tables: what limits a figure, how it was measured. */
  notes: string[];
  checks: Check[];
  /** Targets for a machine like this one; the run does not fail on them. */
  aims: Check[];
}

/** A measured figure: the median of the rounds and their spread. */
export interface Figure {
  median: number;
  min: number;
  max: number;
}

/** A cell. The report formats numbers and figures. */
export type Cell = string | number | Figure;

export interface Table {
  title: string;
  columns: string[];
  rows: Cell[][];
}

/** Horizontal bars that chart.ts draws into docs/bench/<name>.svg. */
export interface Chart {
  name: string;
  title: string;
  /** The unit of the numbers, such as "requests per second". */
  unit: string;
  bars: Bar[];
}

/** One bar, with the spread of its rounds if there are several. */
export interface Bar {
  label: string;
  value: number | Figure;
  /** Bars of one group are shown together under its name. */
  group?: string;
  /** Whether it is Latchkey's, which has the accent colour. */
  ours?: boolean;
}

/** A condition. `--quick` fails if one of `checks` does not hold. */
export interface Check {
  what: string;
  value: number | string;
  /** The condition as text, such as "at most 500". */
  limit: string;
  holds: boolean;
}
