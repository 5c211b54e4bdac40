/**
 * The mutants of an SQL file: one for each small mistake that somebody could
 * make in it. They are found in the tokens, so that comments and the insides of
 * other words stay as they are.
 *
 * @module
 */
import type { Edit } from "./mutant.ts";

interface Token {
  text: string;
  start: number;
  end: number;
  /** How many parentheses are open around it. */
  depth: number;
}

const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?\*\/|e?'(?:[^']|'')*'|\$\w*\$|"[^"]*"|\d+(?:\.\d+)?|[a-z_]\w*|::|:=|<=|>=|<>|\|\||->>?|=>|\S/gi;

/** Words that end a condition at the depth of its beginning. */
const CONDITION_ENDS = new Set(
  ("then loop else when end group order limit offset returning union except on " +
    "join left inner cross where having window set from into for using")
    .split(" "),
);

/** Statements of a body that can be left out. */
const BODY_STATEMENTS = new Set(
  "perform insert update delete return raise execute call exit continue with"
    .split(" "),
);

/** Declarations that can be left out: the rest of the schema works without. */
const DECLARATIONS =
  /^(grant|revoke|alter table|alter default|create policy|create trigger|create( unique)? index|create constraint)\b/;

/** Words that may stand in the other's place. */
const SWAPS: Record<string, string[]> = {
  "<": ["<="],
  "<=": ["<"],
  ">": [">="],
  ">=": [">"],
  "<>": ["="],
  "+": ["-"],
  "-": ["+"],
  true: ["false"],
  false: ["true"],
  least: ["greatest"],
  greatest: ["least"],
  min: ["max"],
  max: ["min"],
  bool_or: ["bool_and"],
  bool_and: ["bool_or"],
  definer: ["invoker"],
  invoker: ["definer"],
  desc: ["asc"],
  old: ["new"],
  new: ["old"],
};

/** Finds all mutants of an SQL file. */
export function sqlEdits(source: string): Edit[] {
  const tokens = read(source);
  const words = tokens.map(({ text }) => text.toLowerCase());
  const literals = [
    ...new Set(words.filter((word) => /^'[a-z_]+'$/.test(word))),
  ];
  const edits: Edit[] = [];
  const edit = (
    operator: string,
    from: number,
    to: number,
    replacement: string,
  ) =>
    edits.push({
      operator,
      start: tokens[from]!.start,
      end: tokens[to]!.end,
      replacement,
    });
  const textOf = (from: number, to: number) =>
    source.slice(tokens[from]!.start, tokens[to]!.end);

  /** The last token of the condition that begins there. */
  function endOfCondition(first: number, stopAtAnd = false): number {
    const { depth } = tokens[first]!;
    let i = first;
    let isBetween = false;
    let cases = 0;
    for (; i < tokens.length; i++) {
      const word = words[i]!;
      if (tokens[i]!.depth < depth) break;
      if (tokens[i]!.depth > depth) continue;
      if (word === "case") cases++;
      if (cases > 0) {
        if (word === "end") cases--;
        continue;
      }
      if (word === ";" || word.startsWith("$") || word === ",") break;
      // In `is distinct from` and `extract(… from …)`, it is no clause.
      const isClause = word === "from" && words[i - 1] !== "distinct";
      if (CONDITION_ENDS.has(word) && (word !== "from" || isClause)) break;
      if (stopAtAnd) {
        if (word === "or" || (word === "and" && !isBetween)) break;
        if (word === "and") isBetween = false;
        if (word === "between") isBetween = true;
      }
    }
    return i - 1;
  }

  /** The semicolon that ends the statement. */
  function endOfStatement(first: number): number {
    const { depth } = tokens[first]!;
    let i = first;
    while (
      i < tokens.length - 1 &&
      !(words[i] === ";" && tokens[i]!.depth === depth)
    ) i++;
    return i;
  }

  let isBody = false;
  let isBetween = false;
  /** The last word that began a clause, at each depth. */
  const clauses: string[] = [];
  for (const [i, word] of words.entries()) {
    const { depth } = tokens[i]!;
    const previous = words[i - 1] ?? ";";
    const next = words[i + 1] ?? ";";
    const begins = previous === ";" || previous.startsWith("$");

    if (/^\$\w*\$$/.test(word)) isBody = !isBody;
    if (!isBody && begins) {
      const end = endOfStatement(i);
      const statement = words.slice(i, i + 5).join(" ");
      if (statement.startsWith("comment on")) {
        // The text of a comment is not behaviour.
        words.fill("", i, end);
        continue;
      }
      if (DECLARATIONS.test(statement)) {
        edit("drop a declaration", i, end, "");
      }
    }
    if (
      isBody &&
      (begins || /^(begin|then|else|loop)$/.test(previous)) &&
      (BODY_STATEMENTS.has(word) || next === ":=" ||
        (next === "." && words[i + 3] === ":="))
    ) {
      edit("drop a statement", i, endOfStatement(i), "null;");
    }

    if (/^(select|set|where|from|values|having|on|when|if|elsif)$/.test(word)) {
      clauses[depth] = word;
    }
    switch (word) {
      case "if":
      case "elsif":
      case "where":
      case "when": {
        if (next === "not" && words[i + 2] === "exists") break;
        if (previous === "end" || next === "exists" || next === ";") break;
        const end = endOfCondition(i + 1);
        if (end <= i) break;
        edit("negate a condition", i + 1, end, `not (${textOf(i + 1, end)})`);
        if (word === "where") edit("drop a where clause", i, end, "");
        const operand = endOfCondition(i + 1, true);
        if (/^(and|or)$/.test(words[operand + 1] ?? "")) {
          edit(
            `drop the first operand of ${words[operand + 1]}`,
            i + 1,
            operand + 1,
            "",
          );
        }
        break;
      }
      case "between":
        isBetween = true;
        break;
      case "and":
      case "or": {
        if (word === "and" && isBetween) {
          isBetween = false;
          break;
        }
        if (/^(replace|insert|update|delete|truncate)$/.test(next)) break;
        edit(
          `${word} becomes ${word === "and" ? "or" : "and"}`,
          i,
          i,
          {
            and: "or",
            or: "and",
          }[word],
        );
        const end = endOfCondition(i + 1, true);
        if (end > i) edit(`drop an operand of ${word}`, i, end, "");
        break;
      }
      case "=":
        if (clauses[depth] !== "set") edit("= becomes <>", i, i, "<>");
        break;
      case "is":
        if (next === "not") edit("drop not", i + 1, i + 1, "");
        else if (/^(null|distinct|true|false)$/.test(next)) {
          edit("is becomes is not", i, i, "is not");
        }
        break;
      case "not":
        if (next === "null" && previous !== "is") {
          edit("drop not null", i, i + 1, "");
        } else if (previous !== "is" && previous !== "if" && next !== "valid") {
          edit("drop not", i, i, "");
        }
        break;
      case "exists":
        if (previous !== "not" && previous !== "if") {
          edit("exists becomes not exists", i, i, "not exists");
        }
        break;
      case "for":
        if (/^(update|share|no|key)$/.test(next)) {
          let end = i;
          while (
            /^(for|no|key|update|share|of|skip|locked|nowait|\w)$/
              .test(words[end + 1]!)
          ) end++;
          edit("drop a row lock", i, end, "");
        }
        break;
      case "check":
      case "default":
      case "references":
        if (!isBody && depth > 0) {
          const end = endOfColumnPart(i);
          edit(`drop ${word}`, i, end, "");
        }
        break;
      case "stable":
      case "immutable":
        if (!isBody) edit(`${word} becomes volatile`, i, i, "volatile");
        break;
      case "coalesce":
        if (next === "(") {
          const end = endOfCondition(i + 2);
          edit("drop coalesce", i, closing(i + 1), `(${textOf(i + 2, end)})`);
        }
        break;
      case "distinct":
        if (previous === "select" || previous === "(") {
          edit("drop distinct", i, i, "");
        }
        break;
      default: {
        for (const swap of SWAPS[word] ?? []) {
          // A trigger names the row it looks at; elsewhere they are no words.
          if (/^(old|new)$/.test(word) && next !== ".") continue;
          edit(`${word} becomes ${swap}`, i, i, swap);
        }
        if (/^\d+$/.test(word) && previous !== "-") {
          edit("change a number", i, i, String(Number(word) + 1));
        }
        const literal = literals.indexOf(word);
        if (literal !== -1 && literals.length > 1 && isBody) {
          edit(
            "change a literal",
            i,
            i,
            literals[(literal + 1) % literals.length]!,
          );
        }
      }
    }
  }
  return edits;

  function closing(open: number): number {
    const { depth } = tokens[open]!;
    let i = open + 1;
    while (tokens[i]!.depth > depth) i++;
    return i;
  }

  /** The last token of `default …`, `check (…)` or `references …`. */
  function endOfColumnPart(first: number): number {
    const { depth } = tokens[first]!;
    let i = first + 1;
    while (
      tokens[i + 1] && tokens[i + 1]!.depth >= depth &&
      !(tokens[i + 1]!.depth === depth &&
        /^(,|not|check|default|references|primary|unique|constraint)$/
          .test(words[i + 1]!))
    ) i++;
    return i;
  }
}

/** The tokens, without comments. */
function read(source: string): Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  for (const { 0: text, index: start } of source.matchAll(TOKEN)) {
    if (text.startsWith("--") || text.startsWith("/*")) continue;
    if (text === ")") depth--;
    tokens.push({ text, start, end: start + text.length, depth });
    if (text === "(") depth++;
  }
  return tokens;
}
