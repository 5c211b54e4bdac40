import { assertEquals } from "@std/assert";
import { client, UNREADABLE_ADDRESS } from "./client.ts";

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

Deno.test("client() replaces what Postgres and Auth cannot store in a user agent", () => {
  const userAgent = (value: string) =>
    client(new Request("http://x/", { headers: { "User-Agent": value } }))
      .userAgent;
  assertEquals(userAgent("Br\u00f6wser/1.0 (X11)"), "Br?wser/1.0 (X11)");
  assertEquals(client(new Request("http://x/")).userAgent, null);
});

for (
  const [header, country] of [
    ["DE", "DE"],
    ["de", "DE"],
    [" GB ", "GB"],
    ["T1", "T1"],
    ["XX", null],
    ["", null],
    ["DE, FR", null],
    ["Germany", null],
    [undefined, null],
  ] as const
) {
  Deno.test(`client() reads the country "${header}" as ${country}`, () => {
    const request = new Request("http://x/", {
      headers: header === undefined ? {} : { "CF-IPCountry": header },
    });
    assertEquals(
      client(request, { countryHeader: "cf-ipcountry" }).country,
      country,
    );
    assertEquals(client(request).country, null);
  });
}
