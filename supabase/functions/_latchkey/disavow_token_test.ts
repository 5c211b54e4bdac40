import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromBase64Url, toBase64Url } from "./bytes.ts";
import { DisavowTokens } from "./disavow_token.ts";
import { RefreshTokens } from "./refresh_token.ts";

const key = () => crypto.getRandomValues(new Uint8Array(32));
const [first, second] = [key(), key()];
const tokens = new DisavowTokens(new Map([[1, first]]), 1);
const SESSION = crypto.randomUUID();
const CREATED_AT = 1_800_000_000;
const token = tokens.issue(SESSION, CREATED_AT);
const DAY = 24 * 60 * 60;

Deno.test("a disavow token names its session", () => {
  assertMatch(token, /^lkw_[\w-]{72}$/);
  assertEquals(tokens.read(token, CREATED_AT), SESSION);
});

Deno.test("a disavow token issued again is the same", () => {
  assertEquals(tokens.issue(SESSION, CREATED_AT + 0.9), token);
});

Deno.test("a disavow token expires seven days after the sign-in", () => {
  assertEquals(tokens.read(token, CREATED_AT + 7 * DAY - 1), SESSION);
  assertEquals(tokens.read(token, CREATED_AT + 7 * DAY), undefined);
});

Deno.test("a disavow token with any bit changed is refused", () => {
  const bytes = fromBase64Url(token.slice(4))!;
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = bytes.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    const text = "lkw_" + toBase64Url(changed);
    assertEquals(tokens.read(text, CREATED_AT), undefined, `bit ${bit}`);
  }
});

for (
  const [name, text] of [
    ["without its prefix", token.slice(4)],
    ["with another prefix", "lkr_" + token.slice(4)],
    ["cut short", token.slice(0, -1)],
    ["with more text", token + "AAAA"],
    ["with padding", token + "="],
    ["empty", "lkw_"],
  ] as const
) {
  Deno.test(`a disavow token ${name} is refused`, () => {
    assertEquals(tokens.read(text, CREATED_AT), undefined);
  });
}

Deno.test("a disavow token of another project's key is refused", () => {
  const foreign = new DisavowTokens(new Map([[1, second]]), 1);
  assertEquals(
    tokens.read(foreign.issue(SESSION, CREATED_AT), CREATED_AT),
    undefined,
  );
});

Deno.test("a disavow token stays valid while its key is on the ring", () => {
  const rotated = new DisavowTokens(new Map([[2, second], [1, first]]), 2);
  assertEquals(rotated.read(token, CREATED_AT), SESSION);
  const later = new DisavowTokens(new Map([[2, second]]), 2);
  assertEquals(later.read(token, CREATED_AT), undefined);
});

Deno.test("a disavow token and a refresh token are not interchangeable", () => {
  const refreshTokens = new RefreshTokens(new Map([[1, first]]), 1);
  const seed = new Uint8Array(16);
  const refreshToken = refreshTokens.issue({
    sessionId: SESSION,
    generation: 0,
    seed,
  });
  assert(refreshTokens.read(refreshToken));
  assertEquals(tokens.read("lkw_" + refreshToken.slice(4), 0), undefined);
  assertEquals(refreshTokens.read("lkr_" + token.slice(4)), undefined);
});
