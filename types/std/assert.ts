/** Deno's `@std/assert`, whose npm package has no types, with the types it needs. */
// @ts-types="./assert.d.ts"
export * from "deno-std/assert/mod.js";
