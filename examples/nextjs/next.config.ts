import type { NextConfig } from "next";

export default {
  poweredByHeader: false,
  headers: () =>
    Promise.resolve([{
      source: "/:path*",
      headers: [
        // No other site may show this one in a frame and steer clicks to it.
        { key: "Content-Security-Policy", value: "frame-ancestors 'none'" },
        { key: "X-Content-Type-Options", value: "nosniff" },
        { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
      ],
    }]),
} satisfies NextConfig;
