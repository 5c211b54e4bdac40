/**
 * The mutants of a TypeScript file: one for each small mistake that somebody
 * could make in it, found in the syntax tree.
 *
 * @module
 */
import ts from "typescript";
import type { Edit } from "./mutant.ts";

const SWAPS: Record<string, string> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "&&": "||",
  "||": "&&",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "+=": "-=",
  "-=": "+=",
};

const METHOD_SWAPS: Record<string, string> = {
  min: "max",
  max: "min",
  some: "every",
  every: "some",
  startsWith: "endsWith",
};

/** Finds all mutants of a TypeScript file. */
export function typescriptEdits(source: string): Edit[] {
  const file = ts.createSourceFile(
    "source.ts",
    source,
    ts.ScriptTarget.Latest,
    true,
  );
  const edits: Edit[] = [];
  const edit = (operator: string, node: ts.Node, replacement: string) =>
    edits.push({
      operator,
      start: node.getStart(),
      end: node.getEnd(),
      replacement,
    });
  const negate = (condition: ts.Expression) =>
    edit("negate a condition", condition, `!(${condition.getText()})`);
  const literals = new Set<string>();
  visit(file, (node) => {
    if (ts.isStringLiteral(node) && isWord(node)) literals.add(node.getText());
  });
  const words = [...literals];

  visit(file, (node) => {
    if (ts.isIfStatement(node) || ts.isWhileStatement(node)) {
      negate(node.expression);
    } else if (ts.isConditionalExpression(node)) {
      negate(node.condition);
    } else if (ts.isForStatement(node) && node.condition) {
      negate(node.condition);
    } else if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken.getText();
      const swap = SWAPS[operator];
      if (swap) {
        edit(`${operator} becomes ${swap}`, node.operatorToken, swap);
      }
      if (/^(&&|\|\||\?\?)$/.test(operator)) {
        edit(`drop the left of ${operator}`, node, node.right.getText());
        edit(`drop the right of ${operator}`, node, node.left.getText());
      }
    } else if (
      ts.isPrefixUnaryExpression(node) &&
      node.operator === ts.SyntaxKind.ExclamationToken
    ) {
      edit("drop !", node, node.operand.getText());
    } else if (ts.isPostfixUnaryExpression(node)) {
      edit("drop an increment", node, node.operand.getText());
    } else if (
      node.kind === ts.SyntaxKind.TrueKeyword ||
      node.kind === ts.SyntaxKind.FalseKeyword
    ) {
      const isTrue = node.kind === ts.SyntaxKind.TrueKeyword;
      edit("change a boolean", node, isTrue ? "false" : "true");
    } else if (ts.isNumericLiteral(node)) {
      const value = Number(node.text);
      edit("change a number", node, value === 0 ? "1" : String(value * 2));
    } else if (ts.isStringLiteral(node) && isWord(node)) {
      const other = words[(words.indexOf(node.getText()) + 1) % words.length]!;
      if (other !== node.getText()) edit("change a literal", node, other);
    } else if (ts.isAwaitExpression(node)) {
      // `return await` differs from `return` only inside `try`.
      if (!ts.isReturnStatement(node.parent) || isInTry(node)) {
        edit("drop await", node, node.expression.getText());
      }
    } else if (
      ts.isPropertyAccessExpression(node) && node.questionDotToken
    ) {
      edit("?. becomes .", node.questionDotToken, ".");
    } else if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression)
    ) {
      const { name } = node.expression;
      const swap = METHOD_SWAPS[name.text];
      if (swap) edit(`${name.text} becomes ${swap}`, name, swap);
    } else if (ts.isExpressionStatement(node)) {
      edit("drop a statement", node, ";");
    } else if (ts.isReturnStatement(node)) {
      edit("drop a return", node, node.expression ? "return;" : ";");
    } else if (ts.isThrowStatement(node)) {
      edit("drop a throw", node, ";");
    } else if (
      ts.isContinueStatement(node) || ts.isBreakStatement(node)
    ) {
      edit("drop a jump", node, ";");
    } else if (ts.isSpreadAssignment(node)) {
      edit("drop a spread", node, "");
    }
  });
  return edits;
}

/** Visits all nodes that exist at run time. */
function visit(node: ts.Node, use: (node: ts.Node) => void): void {
  if (
    ts.isTypeNode(node) || ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) || ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node)
  ) return;
  use(node);
  ts.forEachChild(node, (child) => visit(child, use));
}

/** Whether a function catches what fails here, or runs `finally` after it. */
function isInTry(node: ts.Node): boolean {
  for (let at = node.parent; !ts.isFunctionLike(at); at = at.parent) {
    if (ts.isTryStatement(at)) return true;
  }
  return false;
}

/** Whether a literal is a code or a name, not a sentence. */
function isWord(node: ts.StringLiteral): boolean {
  return /^[\w:/-]+$/.test(node.text);
}
