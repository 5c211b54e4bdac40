import { Link, redirect } from "react-router";
import { sessionContext } from "supabase-latchkey/react-router";
import type { Route } from "./+types/other";

export async function loader({ context }: Route.LoaderArgs) {
  // Without a live check: what the cookie says.
  const user = await context.get(sessionContext).getUser();
  if (!user) throw redirect("/sign-in");
  return { email: user.email };
}

export default function Other({ loaderData }: Route.ComponentProps) {
  return (
    <>
      <h1>Hello again, {loaderData.email}</h1>
      <Link to="/">Home</Link>
    </>
  );
}
