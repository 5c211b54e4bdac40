import { assertEquals } from "@std/assert";
import { toBase64Url } from "./bytes.ts";
import { ProofNonces } from "./proof_nonce.ts";

const ring = new Map([
  [2, new Uint8Array(32).fill(2)],
  [1, new Uint8Array(32).fill(1)],
]);
const nonces = new ProofNonces(ring, 2);
const SESSION = "6a1c7e6e-3b1d-4d2f-9a53-0c8f5e0f7b11";
const NOW = 1_800_000_000;
const ANY = { generation: null };

Deno.test("ProofNonces reads what it issued", () => {
  assertEquals(nonces.read(nonces.issue(), undefined), ANY);
  assertEquals(nonces.read(nonces.issue(undefined, NOW), SESSION, NOW), ANY);
  for (const generation of [1, 7, 2 ** 31 - 1]) {
    const nonce = nonces.issue({ sessionId: SESSION, generation }, NOW);
    assertEquals(nonces.read(nonce, SESSION, NOW), { generation });
  }
});

Deno.test("ProofNonces reads the nonces of every key on the ring", () => {
  const nonce = new ProofNonces(ring, 1).issue(undefined, NOW);
  assertEquals(nonces.read(nonce, undefined, NOW), ANY);
  const without = new ProofNonces(new Map([[2, ring.get(2)!]]), 2);
  assertEquals(without.read(nonce, undefined, NOW), undefined);
});

Deno.test("ProofNonces refuses a nonce after a minute", () => {
  const nonce = nonces.issue(undefined, NOW);
  for (
    const [seconds, valid] of [
      [0, true],
      [60, true],
      [61, false],
      [86_400, false],
      // Issued by an instance whose clock is ahead.
      [-60, true],
      [-61, false],
    ] as const
  ) {
    const read = nonces.read(nonce, undefined, NOW + seconds);
    assertEquals([seconds, read], [seconds, valid ? ANY : undefined]);
  }
});

Deno.test("ProofNonces refuses the nonce of another session", () => {
  const nonce = nonces.issue({ sessionId: SESSION, generation: 7 }, NOW);
  assertEquals(nonces.read(nonce, crypto.randomUUID(), NOW), undefined);
  assertEquals(nonces.read(nonce, undefined, NOW), undefined);
});

Deno.test("ProofNonces refuses every changed bit and every other length", () => {
  const nonce = nonces.issue({ sessionId: SESSION, generation: 7 }, NOW);
  const bytes = Uint8Array.from(
    atob(nonce.replaceAll("-", "+").replaceAll("_", "/")),
    (character) => character.charCodeAt(0),
  );
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const copy = bytes.slice();
    copy[bit >> 3]! ^= 1 << (bit & 7);
    assertEquals(nonces.read(toBase64Url(copy), SESSION, NOW), undefined);
  }
  for (let length = 0; length < nonce.length; length++) {
    const cut = nonce.slice(0, length);
    assertEquals(nonces.read(cut, SESSION, NOW), undefined);
  }
  for (const other of ["", "=", `${nonce}=`, `${nonce}A`, "é"]) {
    assertEquals(nonces.read(other, SESSION, NOW), undefined);
  }
});
