/** The gateway, with services that only say who they are. */
import { assertEquals, assertMatch } from "@std/assert";
import { startGateway } from "./gateway.ts";

Deno.test("a method that no service has is answered 405, in whatever service", async () => {
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
    for (const method of ["TRACE", "get", "post", "PROPFIND"]) {
      const connection = await Deno.connect({ port: Number(port) });
      await connection.write(new TextEncoder().encode(
        `${method} /functions/v1/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      ));
      const answer = await new Response(connection.readable).text();
      assertMatch(answer, /^HTTP\/1\.1 405 /, method);
      assertMatch(
        answer,
        /allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS/i,
      );
      assertMatch(answer, /"code":"method_not_allowed"/);
    }
    const get = await fetch(`${gateway.url}/functions/v1/login`);
    assertEquals(await get.text(), "ok");
  } finally {
    await gateway.close();
  }
});
