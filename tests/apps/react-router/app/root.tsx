import { Links, Meta, Outlet, Scripts } from "react-router";
import { createSessionMiddleware } from "supabase-latchkey/react-router";
import type { Route } from "./+types/root";

export const middleware: Route.MiddlewareFunction[] = [
  createSessionMiddleware({
    url: process.env.SUPABASE_URL!,
    key: process.env.SUPABASE_KEY!,
  }),
];

export default function Root() {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <title>Notes</title>
        <link rel="icon" href="data:," />
        <Meta />
        <Links />
      </head>
      <body>
        <Outlet />
        <Scripts />
      </body>
    </html>
  );
}
