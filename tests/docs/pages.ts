/**
 * Reads the documentation: its pages, their links, headings, tables and code.
 *
 * @module
 */
import Slugger from "github-slugger";
import { marked, type Token, type Tokens } from "marked";
import { fromFileUrl, join } from "@std/path";

/** The repository's folder. */
export const root: string = fromFileUrl(new URL("../..", import.meta.url));

/** A page of the documentation. */
export interface Page {
  /** Relative to the repository's folder. */
  path: string;
  text: string;
  tokens: Token[];
}

/** Every page, from the README to the last one in docs/. */
export const pages: Page[] = await Promise.all(
  [
    ...["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"],
    ...markdownFiles("docs"),
  ].map(readPage),
);

/** One page of them. */
export function page(path: string): Page {
  const found = pages.find((page) => page.path === path);
  if (!found) throw new Error(`There is no page ${path}.`);
  return found;
}

/** All tokens of a page with one type, at any depth, in their order. */
export function tokensOf<Type extends Tokens.Generic["type"]>(
  { tokens }: Page,
  type: Type,
): Extract<Token, { type: Type }>[] {
  const found: Token[] = [];
  marked.walkTokens(tokens, (token) => {
    if (token.type === type) found.push(token);
  });
  return found as Extract<Token, { type: Type }>[];
}

/** The code blocks of a page in some languages. */
export function codeBlocks(page: Page, ...languages: string[]): string[] {
  return tokensOf(page, "code")
    .filter(({ lang }) => languages.includes(lang ?? ""))
    .map(({ text }) => text);
}

/** The anchors that GitHub gives to the headings of a page. */
export function anchors(page: Page): Set<string> {
  const slugger = new Slugger();
  return new Set(
    tokensOf(page, "heading").map((heading) => slugger.slug(plain(heading))),
  );
}

/** The words in backquotes in one column of every table of a page. */
export function namesInTables(page: Page, column = 0): string[] {
  return tokensOf(page, "table").flatMap(({ rows }) =>
    rows.flatMap((cells) =>
      [...cells[column]?.text.matchAll(/`([^`]+)`/g) ?? []].map(([, name]) =>
        name!
      )
    )
  );
}

function plain({ tokens = [] }: Tokens.Generic): string {
  return tokens.map((token: Tokens.Generic) =>
    token.tokens ? plain(token) : token.text ?? ""
  ).join("");
}

async function readPage(path: string): Promise<Page> {
  const text = await Deno.readTextFile(join(root, path));
  return { path, text, tokens: marked.lexer(text) };
}

function markdownFiles(folder: string): string[] {
  return [...Deno.readDirSync(join(root, folder))].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return markdownFiles(path);
    return path.endsWith(".md") ? [path] : [];
  }).sort();
}
