import { assertEquals, assertInstanceOf } from "@std/assert";
import { Refusal } from "./outcomes.ts";
import {
  bearerToken,
  client,
  isAdministrator,
  readBody,
  strings,
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

Deno.test("isAdministrator() takes our secret key and refuses any other", async () => {
  const { environment } = await testContext();
  const ask = (apikey: string) =>
    isAdministrator(
      new Request("http://x/", { headers: { apikey } }),
      environment,
    );
  assertEquals(await ask("sb_secret_test"), true);
  assertEquals(await ask("sb_publishable_test"), false);
  assertInstanceOf(await ask("sb_secret_other"), Refusal);
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
    ["1.2.3.4:80", null],
    ["::1::", null],
    ["[::1]", null],
    ["1.2.3.4'; drop table users", null],
  ] as const
) {
  Deno.test(`client() reads the address "${forwarded}" as ${ip}`, () => {
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
    const { ip, trustedIp } = client(request, {
      clientAddressHeader: "cf-connecting-ip",
    });
    assertEquals([ip, trustedIp], [trusted, trusted]);
  });
}

Deno.test("client() trusts no header where none is configured", () => {
  const headers = { "X-Forwarded-For": "192.0.2.66" };
  const { ip, trustedIp } = client(new Request("http://x/", { headers }));
  assertEquals([ip, trustedIp], ["192.0.2.66", null]);
});

Deno.test("client() keeps of a user agent what Postgres and Auth can store", () => {
  const userAgent = (value: string) =>
    client(new Request("http://x/", { headers: { "User-Agent": value } }))
      .userAgent;
  assertEquals(userAgent("Br\u00f6wser/1.0 (X11)"), "Br?wser/1.0 (X11)");
  assertEquals(client(new Request("http://x/")).userAgent, null);
});
