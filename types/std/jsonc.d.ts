/**
 * Reads JSON with comments and trailing commas.
 *
 * @throws {SyntaxError} the text is not JSONC
 */
export function parse(text: string): unknown;
