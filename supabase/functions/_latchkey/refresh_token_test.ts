import { assertEquals, assertNotEquals } from "@std/assert";
import { hashSeed, newSeed, RefreshTokens } from "./refresh_token.ts";

const SESSION = "0198f2c4-5b6d-7e8f-9a0b-1c2d3e4f5a6b";

function key(fill: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(32).fill(fill);
}

const tokens = new RefreshTokens(new Map([[1, key(1)]]), 1);

function flipBit(text: string, bit: number): string {
  const bytes = Uint8Array.from(
    atob(text.slice(4).replaceAll("-", "+").replaceAll("_", "/")),
    (character) => character.charCodeAt(0),
  );
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  return encode(bytes);
}

function encode(bytes: Uint8Array): string {
  return "lkr_" + btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

Deno.test("read() returns what issue() was given", () => {
  for (const generation of [0, 1, 255, 65536, 2 ** 31 - 1]) {
    const token = { sessionId: SESSION, generation, seed: newSeed() };
    assertEquals(tokens.read(tokens.issue(token)), token);
  }
});

Deno.test("issue() gives the same token for the same generation", () => {
  const token = { sessionId: SESSION, generation: 7, seed: newSeed() };
  assertEquals(tokens.issue(token), tokens.issue(token));
  assertNotEquals(
    tokens.issue(token),
    tokens.issue({ ...token, generation: 8 }),
  );
});

Deno.test("read() refuses every single-bit change", () => {
  const text = tokens.issue({
    sessionId: SESSION,
    generation: 3,
    seed: newSeed(),
  });
  for (let bit = 0; bit < 70 * 8; bit++) {
    assertEquals(
      tokens.read(flipBit(text, bit)),
      undefined,
      `bit ${bit}`,
    );
  }
});

Deno.test("read() refuses every truncation and every extension", () => {
  const text = tokens.issue({
    sessionId: SESSION,
    generation: 3,
    seed: newSeed(),
  });
  for (let length = 0; length < text.length; length++) {
    assertEquals(tokens.read(text.slice(0, length)), undefined);
  }
  for (const end of ["A", "AA", "AAAA", "=", "==", " ", "\n", "."]) {
    assertEquals(tokens.read(text + end), undefined);
  }
});

Deno.test("read() accepts one text per token: canonical base64url", () => {
  const text = tokens.issue({
    sessionId: SESSION,
    generation: 3,
    seed: newSeed(),
  });
  const alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  // 70 bytes leave four unused bits in the last character.
  const last = alphabet.indexOf(text.at(-1)!);
  for (let low = 1; low < 16; low++) {
    assertEquals(
      tokens.read(text.slice(0, -1) + alphabet[last | low]),
      undefined,
    );
  }
  for (
    const other of [
      text.replace("lkr_", "LKR_"),
      text.slice(4),
      ` ${text}`,
      text.replaceAll("-", "+").replaceAll("_", "/"),
      text.slice(0, 20) + "\u0000" + text.slice(21),
      text.slice(0, 20) + "é" + text.slice(21),
    ]
  ) {
    if (other !== text) assertEquals(tokens.read(other), undefined);
  }
});

Deno.test("read() refuses another project's key under the same id", () => {
  const theirs = new RefreshTokens(new Map([[1, key(9)]]), 1);
  const text = theirs.issue({
    sessionId: SESSION,
    generation: 0,
    seed: newSeed(),
  });
  assertEquals(tokens.read(text), undefined);
});

Deno.test("read() refuses a key id that is not on the ring", () => {
  const theirs = new RefreshTokens(new Map([[2, key(1)]]), 2);
  const text = theirs.issue({
    sessionId: SESSION,
    generation: 0,
    seed: newSeed(),
  });
  assertEquals(tokens.read(text), undefined);
});

Deno.test("read() accepts tokens of the ring's previous key, and issue() signs with the new one", () => {
  const rotated = new RefreshTokens(new Map([[2, key(2)], [1, key(1)]]), 2);
  const token = { sessionId: SESSION, generation: 4, seed: newSeed() };
  const old = tokens.issue(token);
  assertEquals(rotated.read(old), token);
  const renewed = rotated.issue(token);
  assertEquals(tokens.read(renewed), undefined);
  assertEquals(rotated.read(renewed), token);
});

Deno.test("hashSeed() writes sha256 as bytea", () => {
  assertEquals(
    hashSeed(new Uint8Array(16)),
    "\\x374708fff7719dd5979ec875d56cd2286f6d3cf7ec317a3b25632aab28ec37bb",
  );
});

Deno.test("adoptedSeed() is the same for the same nonce, and needs its key", () => {
  const keys = new Map([[1, key(1)], [2, key(2)]]);
  const before = new RefreshTokens(keys, 1);
  const nonce = before.newAdoptionNonce();
  const seed = before.adoptedSeed(SESSION, nonce);
  assertEquals(seed?.length, 16);
  const rotated = new RefreshTokens(keys, 2);
  assertEquals(rotated.adoptedSeed(SESSION, nonce), seed);
  assertNotEquals(
    rotated.adoptedSeed(SESSION, rotated.newAdoptionNonce()),
    seed,
  );
  const otherSession = "0198f2c4-5b6d-7e8f-9a0b-1c2d3e4f5a6d";
  assertNotEquals(rotated.adoptedSeed(otherSession, nonce), seed);
  const without = new RefreshTokens(new Map([[2, key(2)]]), 2);
  assertEquals(without.adoptedSeed(SESSION, nonce), undefined);
});
