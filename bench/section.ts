/**
 * What a section of the benchmark is given, and what it hands back.
 *
 * @module
 */
import type { Sql } from "../stack/sql.ts";
import type { Stack } from "../stack/stack.ts";

/** One topic of the benchmark. */
export interface Section {
  /** The word that `--only` takes. */
  name: string;
  /** The heading in the report. */
  title: string;
  run(bench: Bench): Promise<Result>;
}

/** What all sections of a run share. */
export interface Bench {
  /** About a minute for all sections: fewer rounds, smaller numbers. */
  quick: boolean;
  /** A stack that only this run uses. */
  stack: Stack;
  /** How long the stack took to get ready, in milliseconds. */
  readyMilliseconds: number;
  /** The superuser, with a few connections. */
  sql: Sql;
  /** Both ways to the database: the base URL of the functions that go there. */
  ways: { "over the Data API": string; "over a connection": string };
  /** Connection string of the role that the functions log in as. */
  functionsDbUrl: string;
  /** Every Supabase Auth to measure beside it, the stack's own one first. */
  peers: Peer[];
  /** A folder for this run, removed at its end. */
  work: string;
  /** Tells the person who waits what is being measured. */
  progress(message: string): void;
}

/** A running Supabase Auth that is measured beside Latchkey. */
export interface Peer {
  /** What it is called in the report. */
  name: string;
  /** Base of its addresses, without a slash at the end. */
  url: string;
  /** What its gateway asks for, such as an API key. */
  headers: Record<string, string>;
  /** The database it uses, on the stack's server. */
  database: string;
}

/** What a section found. */
export interface Result {
  tables: Table[];
  charts: Chart[];
  /** Paragraphs below the tables: what bounds a figure, how it was taken. */
  notes: string[];
  checks: Check[];
  /** What was hoped for, on a machine like this one; nothing fails on them. */
  aims: Check[];
}

/** A measured figure: the median of the rounds, and how far they were apart. */
export interface Figure {
  median: number;
  min: number;
  max: number;
}

/** A cell; numbers and figures are formatted by the report. */
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
  /** What the numbers are, such as "requests per second". */
  unit: string;
  bars: Bar[];
}

/** One bar, with the spread of the rounds where there is one. */
export interface Bar {
  label: string;
  value: number | Figure;
  /** Bars of the same group stand together under its name. */
  group?: string;
  /** Whether it is Latchkey's own, which is drawn in the accent colour. */
  ours?: boolean;
}

/**
 * Something that does not depend on the machine; `--quick` fails on it.
 */
export interface Check {
  what: string;
  value: number | string;
  /** In words, such as "at most 500". */
  limit: string;
  holds: boolean;
}
