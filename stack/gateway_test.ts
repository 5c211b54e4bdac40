/** The gateway, in front of services that answer everything with "ok". */
import { assertEquals, assertMatch } from "@std/assert";
import { startGateway } from "./gateway.ts";

Deno.test("the gateway answers 501 to methods that it cannot pass on", async () => {
  const gateway = startGateway(0);
  const service = { fetch: () => new Response("ok") };
  gateway.open({
    auth: service,
    rest: service,
    functions: service,
    realtime: service,
    page: service,
  });
  try {
    const { port } = new URL(gateway.url);
    for (const method of ["TRACE", "get", "post"]) {
      const connection = await Deno.connect({ port: Number(port) });
      await connection.write(new TextEncoder().encode(
        `${method} /functions/v1/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      ));
      const answer = await new Response(connection.readable).text();
      assertMatch(answer, /^HTTP\/1\.1 501 /, method);
      assertMatch(answer, /"code":"NOT_IMPLEMENTED"/);
    }
    for (const method of ["GET", "PROPFIND"]) {
      const url = `${gateway.url}/functions/v1/login`;
      const answer = await fetch(url, { method });
      assertEquals(await answer.text(), "ok");
    }
    const storage = await fetch(`${gateway.url}/storage/v1/bucket`);
    assertEquals(storage.status, 501);
    assertMatch((await storage.json()).message, /^Storage does not run/);
  } finally {
    await gateway.close();
  }
});
