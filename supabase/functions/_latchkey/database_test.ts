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

/** A Data API whose functions write until the deadline, by a clock of their own. */
async function withDatabaseTime(
  use: (
    state: { ahead: number; calls: string[] },
    refresh: () => Promise<unknown>,
  ) => Promise<void>,
) {
  const state = { ahead: 3_600_000, calls: [] as string[] };
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const name = new URL(request.url).pathname.split("/").at(-1)!;
      state.calls.push(name);
      const time = new Date(Date.now() + state.ahead);
      if (name === "clock") return Response.json(time);
      const { deadline } = await request.json();
      const left = Date.parse(deadline) - time.getTime();
      if (left <= 0) {
        return Response.json(
          { ...failure("LK503"), details: time.toISOString() },
          { status: 400 },
        );
      }
      return Response.json({ outcome: "rotated", left, database_time: time });
    },
  );
  const database = openDatabase({
    url: `http://127.0.0.1:${server.addr.port}`,
    secretKeys: ["sb_secret_test"],
  });
  await use(state, () =>
    database.call("refresh", {
      session_id: "",
      generation: 0,
      secret_hash: "",
      issuer: "",
      actor_ip: null,
    }));
}

Deno.test("a call that writes has a deadline by the database's clock, which it learns once", async () => {
  await withDatabaseTime(async ({ calls }, refresh) => {
    const results = [
      ...await Promise.all([refresh(), refresh()]),
      await refresh(),
    ] as { left: number }[];
    assertEquals(calls, ["clock", "refresh", "refresh", "refresh"]);
    for (const { left } of results) {
      // One second less than this side waits for the answer.
      assertEquals(left > 2_500 && left <= 3_000, true, `${left} ms`);
    }
  });
});

Deno.test("a call is sent once more, with the right time, after a clock has jumped", async () => {
  await withDatabaseTime(async (state, refresh) => {
    await refresh();
    state.calls = [];
    state.ahead += 3_600_000;
    assertEquals((await refresh() as { outcome: string }).outcome, "rotated");
    assertEquals(state.calls, ["refresh", "refresh"]);
    await refresh();
    assertEquals(state.calls.length, 3);
    // Set back, deadlines come too late until the first answer tells.
    state.ahead -= 7_200_000;
    await refresh();
    const { left } = await refresh() as { left: number };
    assertEquals(left > 2_500 && left <= 3_000, true, `${left} ms`);
  });
});

Deno.test("without the database's time nothing is sent that writes", async () => {
  const names: string[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      names.push(new URL(request.url).pathname.split("/").at(-1)!);
      return new Response("Bad gateway", { status: 502 });
    },
  );
  const refusal = await openDatabase({
    url: `http://127.0.0.1:${server.addr.port}`,
    secretKeys: ["sb_secret_test"],
  }).call("settle_attempt", { account: "", address: null, succeeded: true });
  assertEquals((refusal as Refusal).code, "database_unavailable");
  assertEquals(names, ["clock"]);
});
