/**
 * What a failed call means: PostgreSQL's code decides, in both ways to the
 * database alike.
 */
import { assertEquals, assertRejects } from "@std/assert";
import { openDatabase } from "./database.ts";
import { Refusal } from "./outcomes.ts";
import { toResponse } from "./response.ts";

/** A Data API that answers each request with `status` and `body`. */
async function callDataApi(status: number, body: unknown) {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () =>
      typeof body === "string"
        ? new Response(body, { status })
        : Response.json(body, { status }),
  );
  return await openDatabase({
    url: `http://127.0.0.1:${server.addr.port}`,
    secretKeys: ["sb_secret_test"],
  }).call("session_state", { session_id: "", user_id: "" });
}

/** A PostgreSQL server that answers the start of a connection with an error. */
async function callConnection(fields: Record<string, string>) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    const connection = await listener.accept();
    await connection.read(new Uint8Array(1024));
    const text =
      Object.entries(fields).map(([type, value]) => `${type}${value}\0`).join(
        "",
      ) + "\0";
    const message = new Uint8Array(5 + text.length);
    message[0] = "E".charCodeAt(0);
    new DataView(message.buffer).setInt32(1, 4 + text.length);
    message.set(new TextEncoder().encode(text), 5);
    await connection.write(message);
    connection.close();
  })();
  try {
    return await openDatabase({
      databaseUrl: `postgres://user:password@127.0.0.1:${
        (listener.addr as Deno.NetAddr).port
      }/postgres`,
      url: "",
    }).call("session_state", { session_id: "", user_id: "" });
  } finally {
    await serving;
    listener.close();
  }
}

const failure = (code: string, message = "message") => ({
  code,
  message,
  details: null,
  hint: null,
});

for (
  const [name, status, body, cause] of [
    ["a dead pooled connection", 400, failure("", ""), "HTTP status 400"],
    ["no connection", 503, failure("PGRST001"), "PGRST001"],
    ["a full pool", 504, failure("PGRST003"), "PGRST003"],
    ["a restart", 503, failure("57P01"), "SQLSTATE 57P01"],
    ["a statement timeout", 500, failure("57014"), "SQLSTATE 57014"],
    ["a lock timeout", 500, failure("55P03"), "SQLSTATE 55P03"],
    ["a deadlock", 500, failure("40P01"), "SQLSTATE 40P01"],
    ["a standby", 405, failure("25006"), "SQLSTATE 25006"],
    ["a gateway's page", 502, "<html>Bad gateway</html>", "HTTP status 502"],
    ["a rate limit", 429, { message: "Too many" }, "HTTP status 429"],
  ] as const
) {
  Deno.test(`database_unavailable over the Data API: ${name}`, async () => {
    const refusal = await callDataApi(status, body) as Refusal;
    assertEquals([refusal.code, refusal.details.cause], [
      "database_unavailable",
      cause,
    ]);
    assertEquals(toResponse(refusal).headers.get("Retry-After"), "1");
  });
}

for (
  const [name, status, code] of [
    ["in SQL", 500, "P0002"],
    ["in PostgreSQL", 500, "XX000"],
    ["in the project's hook", 400, "P0001"],
    ["in a trigger", 500, "38000"],
    ["an unknown code of the Data API", 500, "PGRST121"],
  ] as const
) {
  Deno.test(`a bug over the Data API is no 503: ${name}`, async () => {
    await assertRejects(
      () => callDataApi(status, failure(code)),
      Error,
      `latchkey.session_state failed with`,
    );
  });
}

Deno.test("a pooler without a free connection is database_unavailable", async () => {
  const refusal = await callConnection({
    S: "FATAL",
    V: "FATAL",
    C: "XX000",
    M: "Max client connections reached",
  }) as Refusal;
  assertEquals([refusal.code, refusal.details.cause], [
    "database_unavailable",
    "SQLSTATE XX000",
  ]);
});
