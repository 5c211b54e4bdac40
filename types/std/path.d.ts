/** The path functions that this project uses; add a line to use another one. */

/** The last part of a path, without `suffix`. */
export function basename(path: string, suffix?: string): string;

/** The folder that contains the path. */
export function dirname(path: string): string;

/** The extension of a path, with its dot. */
export function extname(path: string): string;

/** The path of a `file:` URL. */
export function fromFileUrl(url: string | URL): string;

/** Joins parts of a path and resolves `.` and `..`. */
export function join(path: string | URL, ...paths: string[]): string;

/** The path that leads from one path to another. */
export function relative(from: string, to: string): string;

/** Makes a path absolute, from the current folder. */
export function resolve(...paths: string[]): string;

/** The `file:` URL of an absolute path. */
export function toFileUrl(path: string): URL;
