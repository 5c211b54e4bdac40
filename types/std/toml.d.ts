/**
 * Reads TOML.
 *
 * @throws {SyntaxError} the text is not TOML
 */
export function parse(text: string): Record<string, unknown>;
