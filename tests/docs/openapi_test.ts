/**
 * docs/openapi.yaml is valid OpenAPI, names every endpoint and every code, and
 * checkAnswer() refuses what it does not allow.
 */
import { assertEquals, assertThrows } from "@std/assert";
import { Validator } from "@seriousme/openapi-schema-validator";
import config from "../../deno.json" with { type: "json" };
import { checkAnswer, openapi } from "../openapi.ts";
import { pages, root } from "./pages.ts";

Deno.test("openapi: is valid", async () => {
  const { valid, errors } = await new Validator()
    .validate(structuredClone(openapi));
  assertEquals([valid, errors], [true, undefined]);
});

Deno.test("openapi: has the version of the project, as the pages have it", () => {
  const named = pages.flatMap(({ text }) =>
    [...text.matchAll(/supabase-latchkey-(\d[\d.]*)\.tgz/g)].map((
      [, version],
    ) => version!)
  );
  assertEquals(
    new Set([openapi.info.version, ...named]),
    new Set([config.version]),
  );
});

Deno.test("openapi: has a path for every function", () => {
  const functions = [...Deno.readDirSync(`${root}/supabase/functions`)]
    .filter(({ name, isDirectory }) => isDirectory && !name.startsWith("_"))
    .map(({ name }) => `/${name}`);
  assertEquals(Object.keys(openapi.paths).sort(), functions.sort());
});

const ACTIVE = {
  status: 200,
  headers: new Headers({
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Request-Id": "1",
  }),
  body: { revoked: 1 } as unknown,
};

const REFUSED = {
  ...ACTIVE,
  status: 401,
  headers: new Headers([...ACTIVE.headers, ["WWW-Authenticate", "Bearer"]]),
  body: {
    error: "invalid_token",
    code: "missing_token",
    error_description: "x",
  },
};

function without(headers: Headers, name: string): Headers {
  const copy = new Headers(headers);
  copy.delete(name);
  return copy;
}

const WRONG: Record<
  string,
  [name: string, method: string, answer: typeof ACTIVE]
> = {
  "an endpoint that is not described": ["nowhere", "POST", ACTIVE],
  "a status that is not described": ["revoke", "POST", {
    ...ACTIVE,
    status: 418,
  }],
  "a method that is not described": ["revoke", "GET", ACTIVE],
  "a field that is not described": ["revoke", "POST", {
    ...ACTIVE,
    body: { revoked: 1, by: "x" },
  }],
  "a missing field": ["revoke", "POST", { ...ACTIVE, body: {} }],
  "a field of another type": ["revoke", "POST", {
    ...ACTIVE,
    body: { revoked: "1" },
  }],
  "a code that the status does not have": ["revoke", "POST", {
    ...REFUSED,
    body: { ...REFUSED.body, code: "too_many_requests" },
  }],
  "a 401 without a challenge": ["revoke", "POST", {
    ...REFUSED,
    headers: ACTIVE.headers,
  }],
  "a 503 that does not say when to retry": ["revoke", "POST", {
    ...ACTIVE,
    status: 503,
    body: {
      error: "temporarily_unavailable",
      code: "database_unavailable",
      error_description: "x",
    },
  }],
  "an answer without a request id": ["revoke", "POST", {
    ...ACTIVE,
    headers: without(ACTIVE.headers, "X-Request-Id"),
  }],
  "an answer that may be cached": ["revoke", "POST", {
    ...ACTIVE,
    headers: without(ACTIVE.headers, "Cache-Control"),
  }],
  "a body of another type": ["revoke", "POST", {
    ...ACTIVE,
    headers: new Headers([
      ...without(ACTIVE.headers, "Content-Type"),
      ["Content-Type", "text/html"],
    ]),
  }],
};

Deno.test("openapi: checkAnswer() accepts what is described", () => {
  checkAnswer("revoke", "POST", ACTIVE);
  checkAnswer("revoke", "POST", REFUSED);
});

for (const [what, [name, method, answer]] of Object.entries(WRONG)) {
  Deno.test(`openapi: checkAnswer() refuses ${what}`, () => {
    assertThrows(
      () => checkAnswer(name, method, answer),
      Error,
      "does not allow",
    );
  });
}
