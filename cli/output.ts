/**
 * Prints the output of a command: prompts and colour on a terminal, plain lines
 * in CI and in pipes, or JSON for programs.
 *
 * @module
 */
import * as clack from "@clack/prompts";
import { createTwoFilesPatch } from "diff";
import process from "node:process";
import { styleText } from "node:util";
import { CommandError } from "./errors.ts";
import type { Change } from "./files.ts";

/** The kind of reader of the output. */
export type Reader = "terminal" | "pipe" | "program";

/** The reader of this process's output. */
export function reader(json: boolean): Reader {
  if (json) return "program";
  const { CI, TERM } = process.env;
  return process.stdin.isTTY && process.stdout.isTTY && !CI && TERM !== "dumb"
    ? "terminal"
    : "pipe";
}

/** Shows what a command waits for, on standard error. */
export interface Progress {
  /** What it waits for now. */
  message(text: string): void;
  /** Ends the message. */
  end(): void;
}

/** Progress: a spinner on a terminal, otherwise a line for each message. */
export function progress(): Progress {
  const { CI, TERM } = process.env;
  if (!process.stderr.isTTY || CI || TERM === "dumb") {
    return {
      message: (text) => console.error(`${text} …`),
      end: () => {},
    };
  }
  const spinner = clack.spinner({ output: process.stderr, withGuide: false });
  let isShown = false;
  return {
    message(text) {
      if (isShown) spinner.message(text);
      else spinner.start(text);
      isShown = true;
    },
    end() {
      if (isShown) spinner.clear();
      isShown = false;
    },
  };
}

/** Prints for one kind of reader. A program gets only the result. */
export class Output {
  constructor(readonly reader: Reader) {}

  /** Prints the command's name and version, before anything else. */
  title(text: string): void {
    if (this.reader === "terminal") {
      clack.intro(styleText("inverse", ` ${text} `));
    } else this.#print(text);
  }

  /** Prints a sentence about what was done. */
  step(text: string): void {
    if (this.reader === "terminal") clack.log.step(text);
    else this.#print(text);
  }

  /** Prints a sentence that the reader has to act on. */
  warn(text: string): void {
    if (this.reader === "terminal") clack.log.warn(text);
    else this.#print(`Warning: ${text}`);
  }

  /** Prints what is left to do. */
  next(title: string, lines: string[]): void {
    const steps = lines.map((line, i) => `${i + 1}. ${line}`);
    if (this.reader === "terminal") {
      clack.note(steps.join("\n"), title, { format: (line) => line });
    } else this.#print([`${title}:`, ...steps].join("\n"));
  }

  /** Prints the last sentence. */
  end(text: string): void {
    if (this.reader === "terminal") clack.outro(text);
    else this.#print(text);
  }

  /**
   * Prints the files that a command changes. New files get one line per folder.
   */
  changes(changes: Change[]): void {
    if (changes.length === 0) return;
    const lines = summarize(changes).map(({ action, path, note }) => {
      const sign = { create: "+", change: "~", remove: "-" }[action];
      const line = `${sign} ${path}${note}`;
      return this.#color(COLORS[action], line);
    });
    if (this.reader === "terminal") clack.log.message(lines.join("\n"));
    else this.#print(lines.join("\n"));
  }

  /** Prints what differs between an owner's file and this version's. */
  diff(path: string, own: string, shipped: string): void {
    const patch = createTwoFilesPatch(
      path,
      path,
      own,
      shipped,
      "yours",
      "Latchkey's",
    );
    const lines = patch.trimEnd().split("\n").slice(1).map((line) =>
      /^[+-]/.test(line)
        ? this.#color(line.startsWith("+") ? "green" : "red", line)
        : line
    );
    if (this.reader === "terminal") clack.log.message(lines.join("\n"));
    else this.#print(lines.join("\n"));
  }

  /**
   * Asks a question.
   *
   * @param otherwise The error if there is no terminal: what to run instead.
   * @throws {CommandError} There is no terminal, or the answer is Ctrl-C.
   */
  async confirm(question: string, otherwise: string): Promise<boolean> {
    if (this.reader !== "terminal") throw new CommandError(otherwise);
    const answer = await clack.confirm({
      message: question,
      initialValue: false,
    });
    if (clack.isCancel(answer)) {
      throw new CommandError("Cancelled. Nothing was changed.");
    }
    return answer;
  }

  #print(text: string) {
    if (this.reader === "pipe") console.log(text);
  }

  #color(color: "green" | "yellow" | "red", text: string): string {
    return this.reader === "terminal" ? styleText(color, text) : text;
  }
}

const COLORS = { create: "green", change: "yellow", remove: "red" } as const;

/** What happens to a file. */
export type Action = "create" | "change" | "remove";

/** What a change does to its file. */
export function actionOf({ before, after }: Change): Action {
  return before === null ? "create" : after === null ? "remove" : "change";
}

/** New and removed files by folder, because there are many. */
function summarize(changes: Change[]) {
  const lines: { action: Action; path: string; note: string }[] = [];
  const counts = new Map<string, number>();
  for (const change of changes) {
    const { path } = change;
    const action = actionOf(change);
    const folder = path.match(/^supabase\/functions\/[^/]+\//)?.[0];
    if (folder === undefined || action === "change") {
      lines.push({ action, path, note: "" });
      continue;
    }
    const key = `${action} ${folder}`;
    if (!counts.has(key)) lines.push({ action, path: folder, note: key });
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return lines.map(({ note, ...line }) => {
    const count = counts.get(note) ?? 0;
    return {
      ...line,
      note: count === 0 ? "" : ` (${count} ${count === 1 ? "file" : "files"})`,
    };
  });
}
