import { MailCheckIcon } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { sendLink } from "@/app/sign-in/actions";
import { CenteredPage } from "@/components/page-shell";
import { Button } from "@/components/ui/button";
import {
  Card,
  CardContent,
  CardDescription,
  CardHeader,
  CardTitle,
} from "@/components/ui/card";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";

export const metadata: Metadata = { title: "Sign in by e-mail" };

const PROBLEMS: Record<string, string> = {
  link: "This link has expired or was already used. Get a new one.",
  wait:
    "A link was sent a moment ago. Wait a minute before you ask for another.",
};

export default async function SignInLink(
  { searchParams }: PageProps<"/sign-in/link">,
) {
  const { sent, error } = await searchParams;
  const problem = PROBLEMS[String(error)];
  return (
    <CenteredPage>
      <Card className="w-full max-w-sm">
        {sent === undefined
          ? (
            <>
              <CardHeader>
                <CardTitle>
                  <h1>Sign in by e-mail</h1>
                </CardTitle>
                <CardDescription>
                  We send you a link that signs you in, without a password.
                </CardDescription>
              </CardHeader>
              <CardContent>
                <form action={sendLink} className="grid gap-5">
                  <div className="grid gap-2">
                    <Label htmlFor="email">E-mail</Label>
                    <Input
                      id="email"
                      name="email"
                      type="email"
                      autoComplete="username"
                      placeholder="you@example.com"
                      required
                    />
                  </div>
                  {problem && (
                    <p role="alert" className="text-sm text-destructive">
                      {problem}
                    </p>
                  )}
                  <Button type="submit">Send the link</Button>
                </form>
              </CardContent>
            </>
          )
          : (
            <CardContent className="flex flex-col items-center text-center">
              <MailCheckIcon
                aria-hidden="true"
                className="size-8 text-primary"
              />
              <h1 className="mt-4 text-xl font-semibold tracking-tight">
                Check your e-mail
              </h1>
              <p role="status" className="mt-1.5 text-sm text-muted-foreground">
                If we know your address, the link is on its way.
              </p>
            </CardContent>
          )}
        <p className="pb-6 text-center text-sm">
          <Link href="/sign-in" className="link">Sign in with a password</Link>
        </p>
      </Card>
    </CenteredPage>
  );
}
