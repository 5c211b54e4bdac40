import { createClient } from "@supabase/supabase-js";
import { useEffect, useState } from "react";
import { Form, Link, redirect } from "react-router";
import { sessionContext } from "supabase-latchkey/react-router";
import { createSessionClient } from "supabase-latchkey/server/browser";
import type { Route } from "./+types/home";

export async function loader({ context }: Route.LoaderArgs) {
  const { session, reason } = await context.get(sessionContext)
    .snapshot({ live: true });
  if (!session) throw redirect(`/sign-in?reason=${reason ?? ""}`);
  return {
    email: session.user.email,
    url: process.env.PAGE_SUPABASE_URL!,
    key: process.env.SUPABASE_KEY!,
  };
}

export default function Home({ loaderData }: Route.ComponentProps) {
  const { email, url, key } = loaderData;
  const [status, setStatus] = useState("loading");

  useEffect(() => {
    const session = createSessionClient({ url, key });
    const supabase = createClient(url, key, {
      accessToken: session.getAccessToken,
    });
    session.onChange((event) =>
      setStatus(
        event.type === "session_revoked"
          ? `ended: ${event.reason}`
          : session.snapshot().status,
      )
    );
    session.watch(supabase);
    return () => session.close();
  }, [url, key]);

  return (
    <>
      <h1>Hello, {email}</h1>
      <p role="status">{status}</p>
      <Link to="/other">Other</Link>
      <Form method="post" action="/sign-out">
        <button>Sign out</button>
      </Form>
    </>
  );
}
