/**
 * The names are pinned here, because a change of client is a change of the name:
 * after an update of the parser, a new name for the same browser would count as
 * a change for each of its sessions.
 */
import { assertEquals } from "@std/assert";
import { nameOf } from "./user_agent.ts";

const CHROME = "AppleWebKit/537.36 (KHTML, like Gecko)";
const WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const IPHONE = "iPhone; CPU iPhone OS";

for (
  const [userAgent, name] of [
    // Browsers that update themselves, before and after.
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Chrome/152.0.0.0 Safari/537.36`,
      "Chrome on Windows",
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Chrome/153.0.0.0 Safari/537.36`,
      "Chrome on Windows",
    ],
    [
      `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/18.6 Safari/605.1.15`,
      "Safari on macOS",
    ],
    [
      `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/26.1 Safari/605.1.15`,
      "Safari on macOS",
    ],
    [
      `Mozilla/5.0 (${IPHONE} 17_5_1 like Mac OS X) ${WEBKIT} Version/17.5 Mobile/15E148 Safari/604.1`,
      "Safari on iOS",
    ],
    [
      `Mozilla/5.0 (${IPHONE} 18_6 like Mac OS X) ${WEBKIT} Version/26.1 Mobile/15E148 Safari/604.1`,
      "Safari on iOS",
    ],
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
      "Firefox on Windows",
    ],
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
      "Firefox on Windows",
    ],
    [
      "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
      "Firefox on Linux",
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Chrome/152.0.0.0 Safari/537.36 Edg/152.0.0.0`,
      "Microsoft Edge on Windows",
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Chrome/153.0.0.0 Safari/537.36 Edg/153.0.0.0`,
      "Microsoft Edge on Windows",
    ],
    // The reduction of the User-Agent header, before and after.
    [
      `Mozilla/5.0 (Linux; Android 14; Pixel 8 Pro) ${CHROME} Chrome/109.0.5414.85 Mobile Safari/537.36`,
      "Chrome on Android",
    ],
    [
      `Mozilla/5.0 (Linux; Android 10; K) ${CHROME} Chrome/110.0.0.0 Mobile Safari/537.36`,
      "Chrome on Android",
    ],
    [
      `Mozilla/5.0 (Windows NT 6.3; Win64; x64) ${CHROME} Chrome/93.0.1234.56 Safari/537.36`,
      "Chrome on Windows",
    ],
    // Other browsers of the same engine.
    [
      `Mozilla/5.0 (Linux; Android 10; K) ${CHROME} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36`,
      "Samsung Internet for Android on Android",
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Chrome/153.0.0.0 Safari/537.36 OPR/124.0.0.0`,
      "Opera on Windows",
    ],
    [
      `Mozilla/5.0 (${IPHONE} 18_6 like Mac OS X) ${WEBKIT} CriOS/153.0.7100.50 Mobile/15E148 Safari/604.1`,
      "Chrome on iOS",
    ],
    [
      `Mozilla/5.0 (${IPHONE} 18_6 like Mac OS X) ${WEBKIT} FxiOS/145.0 Mobile/15E148 Safari/605.1.15`,
      "Firefox on iOS",
    ],
    [
      `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${CHROME} Chrome/153.0.0.0 Safari/537.36`,
      "Chrome on Chrome OS",
    ],
    // A phone that requests the desktop site.
    [
      `Mozilla/5.0 (X11; Linux x86_64) ${CHROME} Chrome/153.0.0.0 Safari/537.36`,
      "Chrome on Linux",
    ],
    [
      `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} CriOS/153 Version/11.1.1 Safari/605.1.15`,
      "Chrome on macOS",
    ],
    // Webviews of apps, before and after an update of the app.
    [
      `Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UD1A.230803.041; wv) ${CHROME} Version/4.0 Chrome/120.0.6099.144 Mobile Safari/537.36`,
      "Chrome on Android",
    ],
    [
      `Mozilla/5.0 (${IPHONE} 18_6 like Mac OS X) ${WEBKIT} Mobile/15E148`,
      "Safari on iOS",
    ],
    [
      `Mozilla/5.0 (${IPHONE} 18_6 like Mac OS X) ${WEBKIT} Mobile/15E148 Instagram 350.0.0.30.91 (iPhone15,3; iOS 18_6; en_US; en; scale=3.00; 1290x2796; 645441462)`,
      "Safari on iOS",
    ],
    [
      `Mozilla/5.0 (${IPHONE} 18_6 like Mac OS X) ${WEBKIT} Mobile/15E148 Instagram 351.1.0.30.92 (iPhone15,3; iOS 18_6; en_US; en; scale=3.00; 1290x2796; 650000000)`,
      "Safari on iOS",
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Acme/1.4.2 Chrome/138.0.0.0 Electron/37.2.0 Safari/537.36`,
      "Electron on Windows",
    ],
    // Apps and programs.
    ["AcmeApp/3.2.1 (iPhone; iOS 18.6; Scale/3.00)", "AcmeApp on iOS"],
    ["Acme/42 CFNetwork/1568.100.1 Darwin/24.0.0", "Acme"],
    [
      "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UD1A.230803.041)",
      "Dalvik on Android",
    ],
    ["okhttp/4.12.0", "okhttp"],
    ["Dart/3.5 (dart:io)", "Dart"],
    ["node", "node"],
    ["Deno/2.9.6", "Deno"],
    ["curl/8.14.1", "curl"],
    ["python-requests/2.32.3", "python-requests"],
    ["Go-http-client/1.1", "Go-http-client"],
    [
      `Mozilla/5.0 ${
        CHROME.slice(0, -1)
      }; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/152.0.7000.0 Safari/537.36`,
      "Googlebot",
    ],
    ["Mozilla/5.0", "Mozilla"],
    ["", null],
    ["   ", null],
    [null, null],
  ] as const
) {
  Deno.test(`nameOf() calls "${userAgent?.slice(0, 120)}" ${name}`, () => {
    assertEquals(nameOf(userAgent), name);
  });
}

Deno.test("nameOf() is short and quick for a long header", () => {
  assertEquals(nameOf("x".repeat(60_000))!.length, 64);
  const start = performance.now();
  for (const part of ["1.", "(", "Android ", "Version/", " ", "/"]) {
    nameOf("Mozilla/5.0 " + part.repeat(60_000));
  }
  const milliseconds = performance.now() - start;
  assertEquals(milliseconds < 200, true, `${milliseconds} ms`);
});
