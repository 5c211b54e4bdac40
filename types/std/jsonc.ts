/** Deno's `@std/jsonc`, whose npm package has no types, with the types it needs. */
// @ts-types="./jsonc.d.ts"
export * from "deno-std/jsonc/mod.js";
