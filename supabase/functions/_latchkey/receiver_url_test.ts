import { assertEquals } from "@std/assert";
import { mayReceive } from "./receiver_url.ts";

const HOSTED = "https://abcdefghijklmnopqrst.supabase.co";
const LOCAL = "http://127.0.0.1:54321";

for (
  const [url, hosted, local] of [
    ["https://shop.example/events?a=b", true, true],
    ["https://shop.example:8443", true, true],
    ["http://shop.example/", false, false],
    ["https://user:password@shop.example/", false, false],
    ["http://localhost:8080/", false, true],
    ["http://127.0.0.1:8080/", false, true],
    ["https://[::1]/", false, true],
    ["https://localhost./", false, true],
    ["https://0x7f.1/", false, true],
    ["https://2130706433/", false, true],
    ["https://0177.0.0.1/", false, true],
    ["https://shop.localhost/", false, false],
    ["https://printer.local/", false, false],
    ["https://metadata.google.internal/", false, false],
    ["https://169.254.169.254/", false, false],
    ["https://0xa9fea9fe/", false, false],
    ["https://[fe80::1]/", false, false],
    ["https://[::ffff:127.0.0.1]/", false, false],
    ["https://10.0.0.1/", false, false],
    ["https://203.0.113.7/", false, false],
    ["https://intranet/", false, false],
    ["ftp://shop.example/", false, false],
    ["shop.example", false, false],
  ] as const
) {
  Deno.test(`mayReceive() ${url}: hosted ${hosted}, on this machine ${local}`, () => {
    assertEquals(mayReceive(url, HOSTED), hosted);
    assertEquals(mayReceive(url, LOCAL), local);
  });
}
