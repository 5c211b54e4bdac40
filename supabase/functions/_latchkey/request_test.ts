import { assertEquals, assertInstanceOf } from "@std/assert";
import { Refusal } from "./outcomes.ts";
import {
  bearerToken,
  client,
  isAdministrator,
  parseUuid,
  readBody,
  strings,
  UNREADABLE_ADDRESS,
} from "./request.ts";
import { accepted, testContext } from "./testing.ts";

function post(
  body: BodyInit | null,
  contentType: string | null = "application/json",
) {
  const request = new Request("http://x/", { method: "POST", body });
  request.headers.delete("Content-Type");
  if (contentType) request.headers.set("Content-Type", contentType);
  return request;
}

const options = { known: ["token", "scope"], forms: true };

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
    ["an unknown parameter", () => post('{"tokn":"a"}')],
    ["bytes that are no UTF-8", () => post(new Uint8Array([0x22, 0xff, 0x22]))],
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
    const outcome = await readBody(request(), options);
    assertInstanceOf(outcome, Refusal);
    assertEquals((outcome as Refusal).code, "invalid_request");
  });
}

Deno.test("readBody() reads JSON with a charset and in any case", async () => {
  const request = post('{"token":"a"}', "Application/JSON; charset=utf-8");
  assertEquals(accepted(await readBody(request, options)), {
    type: "json",
    body: { token: "a" },
  });
});

Deno.test("readBody() ignores what a form has besides, and what is empty", async () => {
  const request = post(
    "token=a%2Bb&scope=&other=1",
    "application/x-www-form-urlencoded",
  );
  const { type, body } = accepted(await readBody(request, options));
  assertEquals([type, body.token, body.scope], ["form", "a+b", undefined]);
});

Deno.test("readBody() takes a form only where the endpoint speaks OAuth", async () => {
  const request = post("token=a", "application/x-www-form-urlencoded");
  assertInstanceOf(await readBody(request, { known: ["token"] }), Refusal);
});

for (
  const value of [
    1,
    true,
    {},
    ["a"],
    "a".repeat(11),
    "a\u0000b",
    "a\nb",
    "\u007f",
    "\ud800",
    "\u202eevil",
  ]
) {
  Deno.test(`strings() refuses ${JSON.stringify(value)}`, () => {
    assertInstanceOf(strings({ token: value }, { token: 10 }), Refusal);
  });
}

Deno.test("strings() takes null for absent and keeps emoji whole", () => {
  assertEquals(strings({ a: null, b: "Anna's 📱" }, { a: 9, b: 9 }), {
    b: "Anna's 📱",
  });
});

const authorization = (value: string) =>
  new Request("http://x/", { headers: { Authorization: value } });

Deno.test("bearerToken() takes the scheme in any case", () => {
  for (const scheme of ["Bearer", "bearer", "BEARER", "bEaReR"]) {
    assertEquals(
      bearerToken(authorization(`${scheme} abc.def.ghi`)),
      "abc.def.ghi",
    );
  }
});

Deno.test("bearerToken() takes no header, another scheme, and an API key, for no token", () => {
  assertEquals(bearerToken(authorization("Basic YTpi")), undefined);
  assertEquals(bearerToken(new Request("http://x/")), undefined);
  assertEquals(
    bearerToken(authorization("Bearer sb_publishable_x")),
    undefined,
  );
});

for (
  const value of [
    "Bearer",
    "Bearer a b",
    "Bearer a, Bearer b",
  ]
) {
  Deno.test(`bearerToken() refuses "${value}"`, () => {
    assertInstanceOf(bearerToken(authorization(value)), Refusal);
  });
}

Deno.test("isAdministrator() takes the project's secret key only", async () => {
  const { environment } = await testContext();
  const ask = (apikey: string) =>
    isAdministrator(
      new Request("http://x/", { headers: { apikey } }),
      environment,
    );
  assertEquals(ask("sb_secret_test"), true);
  assertEquals(ask("sb_publishable_test"), false);
});

Deno.test("parseUuid() gives one spelling of an id, and nothing for other texts", () => {
  const id = "0198f2c4-5b6d-7e8f-9a0b-1c2d3e4f5a6b";
  assertEquals(parseUuid(id.toUpperCase()), id);
  for (const text of ["", "7", id.replaceAll("-", ""), `{${id}}`, `${id}0`]) {
    assertEquals(parseUuid(text), undefined);
  }
});

for (
  const [forwarded, ip] of [
    ["203.0.113.7", "203.0.113.7"],
    ["203.0.113.7, 10.0.0.1", "203.0.113.7"],
    ["2001:db8::1", "2001:db8::1"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
    ["", null],
    ["unknown", null],
    ["256.1.1.1", null],
    ["1.2.3", null],
    ["203.0.113.9:4711", "203.0.113.9"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[2001:db8::1]:4711", "2001:db8::1"],
    ["[2001:db8::1]x", null],
    ["[]", null],
    ["01.2.3.4", null],
    ["fe80::1%eth0", null],
    ["::1::", null],
    [":".repeat(60_000), null],
    ["1".repeat(60_000), null],
    ["1.2.3.4'; drop table users", null],
  ] as const
) {
  Deno.test(`client() reads the address "${forwarded.slice(0, 40)}" as ${ip}`, () => {
    const request = new Request("http://x/", {
      headers: { "X-Forwarded-For": forwarded },
    });
    assertEquals(client(request).ip, ip);
  });
}

for (
  const [header, trusted] of [
    ["203.0.113.7", "203.0.113.7"],
    ["10.6.6.6, 203.0.113.7", "203.0.113.7"],
    ["10.6.6.6, [2001:db8::1]:443", "2001:db8::1"],
    ["203.0.113.7, unknown", null],
    ["203.0.113.7,", null],
    ["", null],
    [undefined, null],
  ] as const
) {
  Deno.test(`client() trusts the configured header "${header}" for ${trusted}`, () => {
    const request = new Request("http://x/", {
      headers: {
        "X-Forwarded-For": "192.0.2.66",
        ...(header !== undefined && { "CF-Connecting-IP": header }),
      },
    });
    const { ip, trustedIp, countedIp } = client(request, {
      clientAddressHeader: "cf-connecting-ip",
    });
    assertEquals([ip, trustedIp], [trusted, trusted]);
    assertEquals(countedIp, trusted ?? UNREADABLE_ADDRESS);
  });
}

Deno.test("client() trusts no header where none is configured", () => {
  const headers = { "X-Forwarded-For": "192.0.2.66" };
  const { ip, trustedIp, countedIp } = client(
    new Request("http://x/", { headers }),
  );
  assertEquals([ip, trustedIp, countedIp], ["192.0.2.66", null, null]);
});

Deno.test("client() keeps of a user agent what Postgres and Auth can store", () => {
  const userAgent = (value: string) =>
    client(new Request("http://x/", { headers: { "User-Agent": value } }))
      .userAgent;
  assertEquals(userAgent("Br\u00f6wser/1.0 (X11)"), "Br?wser/1.0 (X11)");
  assertEquals(client(new Request("http://x/")).userAgent, null);
});
