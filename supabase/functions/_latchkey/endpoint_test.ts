import { assert, assertEquals } from "@std/assert";
import { endpoint } from "./endpoint.ts";
import { importFunction, testContext } from "./testing.ts";

const METHODS = {
  login: "POST",
  refresh: "POST",
  revoke: "POST",
  introspect: "POST",
  deliver: "POST",
  profile: "GET",
  sessions: "GET",
};

for (const [name, method] of Object.entries(METHODS)) {
  Deno.test(`${name} answers a preflight with CORS headers`, async () => {
    const { fetch } = await importFunction(name);
    const response = await fetch(
      new Request(`http://x/${name}`, { method: "OPTIONS" }),
    );
    assertEquals(response.status, 204);
    assertEquals(response.headers.get("Access-Control-Allow-Origin"), "*");
    for (const header of ["apikey", "authorization", "content-type"]) {
      assert(
        response.headers.get("Access-Control-Allow-Headers")!.includes(header),
      );
    }
  });

  Deno.test(`${name} takes ${method} and no other method`, async () => {
    const { fetch } = await importFunction(name);
    for (const other of ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]) {
      if (other === method) continue;
      const response = await fetch(
        new Request(`http://x/${name}`, { method: other }),
      );
      assertEquals(response.status, 405);
      assertEquals(response.headers.get("Allow"), `${method}, OPTIONS`);
      assertEquals(response.headers.get("Access-Control-Allow-Origin"), "*");
      assertEquals((await response.json()).code, "method_not_allowed");
    }
  });

  Deno.test(`${name} refuses a secret in the URL and does not quote it`, async () => {
    const { fetch } = await importFunction(name);
    for (
      const query of [
        "?Token=hush-hush",
        "?token[]=hush-hush",
        "?JWT=hush-hush",
        "?a=sb_secret_hush-hush",
        "?a=lkr_hush-hush",
        "/lkr_hush-hush",
      ]
    ) {
      const response = await fetch(
        new Request(`http://x/${name}${query}`, { method }),
      );
      const text = await response.text();
      assertEquals([response.status, JSON.parse(text).code], [
        400,
        "invalid_request",
      ]);
      assert(!text.includes("hush-hush"));
    }
  });

  Deno.test(`${name} refuses an unknown secret key`, async () => {
    const { fetch } = await importFunction(name);
    for (
      const headers of [
        { apikey: "sb_secret_other" },
        { Authorization: "Bearer sb_secret_other" },
      ] as Record<string, string>[]
    ) {
      const response = await fetch(
        new Request(`http://x/${name}`, { method, headers }),
      );
      assertEquals((await response.json()).code, "forbidden");
    }
  });
}

Deno.test("endpoint() answers a bug with 500, an id and nothing else", async () => {
  const { fetch } = endpoint("buggy", "GET", () => {
    throw new TypeError("hush-hush");
  }, await testContext());
  const lines: string[] = [];
  const { log, error } = console;
  console.log = console.error = (line: string) => lines.push(line);
  let response: Response;
  try {
    response = await fetch(new Request("http://x/buggy"));
  } finally {
    Object.assign(console, { log, error });
  }
  const body = await response.json();
  assertEquals([response.status, body.code], [500, "server_error"]);
  assert(!JSON.stringify(body).includes("hush-hush"));
  assert(
    lines.some((line) =>
      line.includes(body.id) && line.includes("endpoint_test.ts")
    ),
  );
  assert(!lines.join().includes("hush-hush"));
});

/** The id that a request with these headers is answered with. */
async function answeredId(headers: Record<string, string>): Promise<string> {
  const { fetch } = endpoint(
    "fine",
    "GET",
    () => Promise.resolve({}),
    await testContext(),
  );
  const response = await fetch(new Request("http://x/fine", { headers }));
  assert(
    response.headers.get("Access-Control-Expose-Headers")!.includes(
      "X-Request-Id",
    ),
  );
  return response.headers.get("X-Request-Id")!;
}

Deno.test("endpoint() keeps the id of a request", async () => {
  const [platform, caller] = [crypto.randomUUID(), "00f067aa0ba902b7"];
  assertEquals(await answeredId({ "x-request-id": caller }), caller);
  assertEquals(
    await answeredId({ "sb-request-id": platform, "x-request-id": caller }),
    platform,
  );
});

Deno.test("endpoint() replaces an id that is not hexadecimal or has the wrong length", async () => {
  const given = [
    "",
    "hush-hush",
    "0".repeat(15),
    "0".repeat(65),
    "eyJhbGciOiJFUzI1NiJ9.e30.c2ln",
    `lkr_${"A".repeat(96)}`,
  ];
  const ids = new Set<string>();
  for (const id of given) ids.add(await answeredId({ "x-request-id": id }));
  assertEquals(ids.size, given.length);
  for (const id of given) assert(!ids.has(id));
});

Deno.test("endpoint() never lets an answer be cached", async () => {
  const { fetch } = endpoint(
    "fine",
    "GET",
    () => Promise.resolve({ ok: true }),
    await testContext(),
  );
  const response = await fetch(new Request("http://x/fine"));
  assertEquals(response.headers.get("Cache-Control"), "no-store");
  assertEquals(await response.json(), { ok: true });
});
