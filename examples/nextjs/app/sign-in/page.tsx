import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { signIn } from "@/app/sign-in/actions";
import { CenteredPage } from "@/components/page-shell";
import { SignInForm } from "@/components/sign-in-form";
import { ownPath } from "@/lib/own-path";
import { currentSession } from "@/lib/session";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignIn({ searchParams }: PageProps<"/sign-in">) {
  const { next } = await searchParams;
  const { status, reason } = await currentSession();
  if (status === "signed_in") redirect(ownPath(next));
  return (
    <CenteredPage>
      <SignInForm
        action={signIn}
        reason={reason}
        next={ownPath(next)}
        footer={
          <>
            <Link href="/sign-in/link" className="link">
              E-mail me a sign-in link
            </Link>
            <p className="mt-2">
              New here?{" "}
              <Link href="/sign-up" className="link">Create an account</Link>
            </p>
          </>
        }
      />
    </CenteredPage>
  );
}
