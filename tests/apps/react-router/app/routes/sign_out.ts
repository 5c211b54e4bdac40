import { redirect } from "react-router";
import { sessionContext } from "supabase-latchkey/react-router";
import type { Route } from "./+types/sign_out";

export async function action({ context }: Route.ActionArgs) {
  await context.get(sessionContext).signOut();
  return redirect("/sign-in");
}
