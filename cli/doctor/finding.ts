/** A part of Supabase or Latchkey that verifies access tokens. */
export type Verifier =
  | "the Data API"
  | "Realtime"
  | "Supabase Auth"
  | "Latchkey";

/** All verifiers of access tokens. */
export const EVERYBODY: readonly Verifier[] = [
  "the Data API",
  "Realtime",
  "Supabase Auth",
  "Latchkey",
];

/** The result of one check. */
export interface Finding {
  level: "ok" | "note" | "wrong" | "skipped";
  /** What was found, and for a fault also what to do. Never the token. */
  text: string;
  /** The verifiers that refuse an access token because of this. */
  refusedBy?: readonly Verifier[];
}

/** What a token is, and the results of all checks. */
export interface Diagnosis {
  /** What it is: "An access token (JWT)". */
  subject: string;
  findings: Finding[];
  /** The session that it names. */
  sessionId?: string;
  /** How many refresh tokens that session had before this one. */
  generation?: number;
}

/** A check that found nothing wrong. */
export function ok(text: string): Finding {
  return { level: "ok", text };
}

/** Worth knowing, but not a fault. */
export function note(text: string): Finding {
  return { level: "note", text };
}

/** A check that could not run, and what it needs. */
export function skipped(text: string): Finding {
  return { level: "skipped", text };
}

/** A fault, and the verifiers that refuse the token because of it. */
export function wrong(
  text: string,
  refusedBy?: readonly Verifier[],
): Finding {
  return { level: "wrong", text, refusedBy };
}

/**
 * A value of a token, safe to print: quoted, short, and without control
 * characters.
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
