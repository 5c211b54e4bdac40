/** Deno's `@std/toml`, whose npm package has no types, with the types it needs. */
// @ts-types="./toml.d.ts"
export * from "deno-std/toml/mod.js";
