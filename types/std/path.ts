/** Deno's `@std/path`, whose npm package has no types, with the types it needs. */
// @ts-types="./path.d.ts"
export * from "deno-std/path/mod.js";
