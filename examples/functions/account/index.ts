/**
 * A function of an app, with Hono: any signed-in user can read who they are.
 * Closing the account needs a second factor and a sign-in within five minutes.
 *
 * In a project, put it into `supabase/functions/account`, map `hono` in its
 * deno.json, and import from `../_latchkey/require_session.ts`.
 *
 * @module
 */
import { Hono, type MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import {
  type Caller,
  type Requirements,
  requireSession,
} from "../../../supabase/functions/_latchkey/require_session.ts";

/** Passes the request on with its caller, or answers with the error response. */
function session(
  requirements: Requirements,
): MiddlewareHandler<{ Variables: { caller: Caller } }> {
  return async (context, next) => {
    const caller = await requireSession(context.req.raw, requirements);
    if (caller instanceof Response) return caller;
    context.set("caller", caller);
    await next();
  };
}

const app = new Hono().basePath("/account");

app.use(cors({
  origin: "*",
  allowHeaders: ["apikey", "authorization", "content-type"],
  exposeHeaders: ["WWW-Authenticate"],
}));

app.get("/", session({ live: true }), (context) => {
  const { userId, sessionId } = context.var.caller;
  return context.json({ user_id: userId, session_id: sessionId });
});

app.delete(
  "/",
  session({ live: true, aal: "aal2", maxAge: 300 }),
  (context) => context.json({ closed: context.var.caller.userId }),
);

export default { fetch: app.fetch };
