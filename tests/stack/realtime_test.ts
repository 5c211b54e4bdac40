/** Realtime on a stack that no client has used yet. */
import { assertEquals } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { startStack } from "../../stack/stack.ts";
import { Api, listen } from "../harness.ts";

Deno.test("on a new stack, a listener survives the refusal of its first join and hears the end of the session", async () => {
  const work = await Deno.makeTempDir({ prefix: "latchkey_realtime_" });
  // As root, PostgreSQL runs as another user, who must be able to enter.
  await Deno.chmod(work, 0o711);
  const stack = await startStack({
    port: 0,
    dbPort: 0,
    data: `${work}/data`,
    realtime: { refusalDelay: 100 },
  });
  try {
    const credentials = {
      email: "anna@example.com",
      password: "correct horse battery",
    };
    const options = {
      auth: { persistSession: false, autoRefreshToken: false },
    };
    const { error } = await createClient(
      stack.apiUrl,
      stack.publishableKey,
      options,
    ).auth.signUp(credentials);
    assertEquals(error, null);
    const api = new Api(
      `${stack.apiUrl}/functions/v1`,
      stack.publishableKey,
    );
    const { body: session } = await api.post("login", credentials);
    const client = createClient(stack.apiUrl, stack.publishableKey, {
      accessToken: () => Promise.resolve(session.access_token),
    });
    const listener = await listen(
      `session:${session.session_id}`,
      session.access_token,
      client,
    );
    await api.revoke(session, { scope: "local" });
    const { payload } = await listener.next();
    assertEquals(payload.reason, "signed_out");
    assertEquals(listener.refusals.length, 1);
    await listener.close();
  } finally {
    await stack.stop();
    await Deno.remove(work, { recursive: true });
  }
});
