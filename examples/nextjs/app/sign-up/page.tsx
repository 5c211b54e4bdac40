import type { Metadata } from "next";
import Link from "next/link";
import { signUp } from "@/app/sign-in/actions";
import { CenteredPage } from "@/components/page-shell";
import { SignInForm } from "@/components/sign-in-form";

export const metadata: Metadata = { title: "Create an account" };

export default function SignUp() {
  return (
    <CenteredPage>
      <SignInForm
        action={signUp}
        title="Create an account"
        isNewAccount
        footer={
          <p>
            Have an account?{" "}
            <Link href="/sign-in" className="link">Sign in</Link>
          </p>
        }
      />
    </CenteredPage>
  );
}
