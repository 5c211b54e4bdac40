import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  check,
  form,
  json,
  optional,
  readBody,
  readJson,
  text,
  uuid,
} from "./body.ts";
import { Refusal } from "./outcomes.ts";
import { accepted } from "./testing.ts";

function post(
  body: BodyInit | null,
  contentType: string | null = "application/json",
) {
  const request = new Request("http://x/", { method: "POST", body });
  request.headers.delete("Content-Type");
  if (contentType) request.headers.set("Content-Type", contentType);
  return request;
}

const INPUT = json({ token: optional(text(10)), id: optional(uuid()) });

for (
  const [name, request] of [
    ["no content type", () => post("{}", null)],
    ["text", () => post("{}", "text/plain")],
    [
      "a multipart form",
      () => post(new FormData(), "multipart/form-data; boundary=x"),
    ],
    ["no body", () => post(null)],
    ["broken JSON", () => post('{"token":')],
    ["a JSON array", () => post("[]")],
    ["JSON null", () => post("null")],
    ["a JSON string", () => post('"token"')],
    [
      "bytes that are not UTF-8",
      () => post(new Uint8Array([0x22, 0xff, 0x22])),
    ],
    ["1 MB", () => post(JSON.stringify({ token: "a".repeat(1 << 20) }))],
    [
      "1 MB without a length",
      () =>
        post(
          new Blob([JSON.stringify({ token: "a".repeat(1 << 20) })]).stream(),
        ),
    ],
    [
      "a parameter twice",
      () => post("token=a&token=b", "application/x-www-form-urlencoded"),
    ],
  ] as const
) {
  Deno.test(`readBody() refuses ${name}`, async () => {
    const outcome = await readBody(request(), { forms: true });
    assertInstanceOf(outcome, Refusal);
    assertEquals((outcome as Refusal).code, "invalid_request");
  });
}

Deno.test("readBody() reads JSON with a charset and in any case", async () => {
  const request = post('{"token":"a"}', "Application/JSON; charset=utf-8");
  assertEquals(accepted(await readBody(request)), {
    type: "json",
    values: { token: "a" },
  });
});

Deno.test("readBody() takes a form only where the endpoint allows it", async () => {
  const request = () => post("token=a", "application/x-www-form-urlencoded");
  accepted(await readBody(request(), { forms: true }));
  assertInstanceOf(await readBody(request()), Refusal);
});

Deno.test("a form may have unknown and empty parameters", async () => {
  const request = post(
    "token=a%2Bb&scope=&other=1&__proto__=2",
    "application/x-www-form-urlencoded",
  );
  const { values } = accepted(await readBody(request, { forms: true }));
  const input = check(
    form({ token: text(10), scope: optional(text(10)) }),
    values,
  );
  assertEquals(accepted(input), { token: "a+b" });
});

for (
  const [values, name] of [
    [{ token: 1 }, "token"],
    [{ token: true }, "token"],
    [{ token: {} }, "token"],
    [{ token: ["a"] }, "token"],
    [{ token: "a".repeat(11) }, "token"],
    [{ token: "a\u0000b" }, "token"],
    [{ token: "a\nb" }, "token"],
    [{ token: "\u007f" }, "token"],
    [{ token: "\ud800" }, "token"],
    [{ token: "\u202eevil" }, "token"],
    [{ id: "7" }, "id"],
    [{ tokn: "a" }, "token or id"],
    [JSON.parse('{"__proto__":1}'), "token or id"],
    [{ constructor: 1 }, "token or id"],
    [{ toString: null }, "token or id"],
  ] as const
) {
  Deno.test(`check() refuses ${JSON.stringify(values)} and names ${name}`, () => {
    const outcome = check(INPUT, values);
    assertInstanceOf(outcome, Refusal);
    const { code, description } = outcome as Refusal;
    assertEquals(code, "invalid_request");
    assert(description.includes(` ${name}`), description);
    assert(!/undefined|\[object/.test(description), description);
  });
}

Deno.test("check() names a parameter that is missing", () => {
  const outcome = check(json({ token: text(10) }), {});
  assertEquals(
    (outcome as Refusal).description,
    "Send the parameter token.",
  );
});

Deno.test("readJson() takes null for absent, keeps emoji, and lowers ids", async () => {
  const id = "0198F2C4-5B6D-7E8F-9A0B-1C2D3E4F5A6B";
  const read = async (values: unknown) =>
    accepted(await readJson(post(JSON.stringify(values)), INPUT));
  assertEquals(await read({ token: null }), { token: undefined });
  assertEquals(await read({ token: "Anna 📱" }), { token: "Anna 📱" });
  assertEquals(await read({ id }), { id: id.toLowerCase() });
});
