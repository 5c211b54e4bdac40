import { signIn, signUp } from "./actions";

export default async function Login({ searchParams }: PageProps<"/login">) {
  const { error } = await searchParams;
  return (
    <form action={signIn}>
      <h1>Sign in</h1>
      <label>
        E-mail <input name="email" type="email" required />
      </label>
      <label>
        Password <input name="password" type="password" required />
      </label>
      {error && <p role="alert">{error}</p>}
      <button type="submit">Sign in</button>
      <button type="submit" formAction={signUp}>Sign up</button>
    </form>
  );
}
