import { Form, redirect } from "react-router";
import { sessionContext } from "supabase-latchkey/react-router";
import { isSessionError } from "supabase-latchkey/server";
import type { Route } from "./+types/sign_in";

export function loader({ request }: Route.LoaderArgs) {
  return { reason: new URL(request.url).searchParams.get("reason") };
}

export async function action({ request, context }: Route.ActionArgs) {
  const form = await request.formData();
  try {
    await context.get(sessionContext).signIn({
      email: String(form.get("email")),
      password: String(form.get("password")),
    });
  } catch (error) {
    if (isSessionError(error)) return { message: error.message };
    throw error;
  }
  return redirect("/");
}

export default function SignIn(
  { loaderData, actionData }: Route.ComponentProps,
) {
  return (
    <>
      <h1>Sign in</h1>
      {loaderData.reason && <p role="alert">Signed out: {loaderData.reason}</p>}
      {actionData && <p role="alert">{actionData.message}</p>}
      <Form method="post">
        <label>
          E-mail <input name="email" type="email" />
        </label>
        <label>
          Password <input name="password" type="password" />
        </label>
        <button>Sign in</button>
      </Form>
    </>
  );
}
