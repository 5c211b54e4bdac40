/** Who looks at a token, and may refuse it. */
export type Verifier =
  | "the Data API"
  | "Realtime"
  | "Supabase Auth"
  | "Latchkey";

/** Everybody who looks at an access token. */
export const EVERYBODY: readonly Verifier[] = [
  "the Data API",
  "Realtime",
  "Supabase Auth",
  "Latchkey",
];

/** One thing that was looked at. */
export interface Finding {
  level: "ok" | "note" | "wrong" | "skipped";
  /** What is so, and for what is wrong also what to do. Never the token. */
  text: string;
  /** Who refuses an access token because of this. */
  refusedBy?: readonly Verifier[];
}

/** What a token is, and what was found out about it. */
export interface Diagnosis {
  /** What it is: "An access token (JWT)". */
  subject: string;
  findings: Finding[];
  /** The session it belongs to, where it says so. */
  sessionId?: string;
  /** How many refresh tokens that session had before this one. */
  generation?: number;
}

/** All is well with this. */
export function ok(text: string): Finding {
  return { level: "ok", text };
}

/** Worth knowing, and no fault of the token. */
export function note(text: string): Finding {
  return { level: "note", text };
}

/** What could not be looked at, and what to give so that it can be. */
export function skipped(text: string): Finding {
  return { level: "skipped", text };
}

/** A fault, and who refuses the token for it. */
export function wrong(
  text: string,
  refusedBy?: readonly Verifier[],
): Finding {
  return { level: "wrong", text, refusedBy };
}

/**
 * A value out of a token, safe to print: quoted, short, and without characters
 * that a terminal obeys.
 */
export function shown(value: unknown): string {
  const text = (JSON.stringify(value) ?? "undefined")
    .replace(/[^\x20-\x7e]/gu, "?");
  return text.length > 80 ? `${text.slice(0, 76)} ...` : text;
}

const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]] as const;

/** Seconds in words: "12 minutes". */
export function duration(seconds: number): string {
  const [unit, length] = UNITS.find(([, length]) => seconds >= 2 * length) ??
    ["second", 1];
  return new Intl.NumberFormat("en", {
    style: "unit",
    unit,
    unitDisplay: "long",
    maximumFractionDigits: 0,
  }).format(Math.floor(seconds / length));
}

/** A, B and C. */
export function list(words: Iterable<string>): string {
  return new Intl.ListFormat("en", { type: "conjunction" }).format(words);
}
