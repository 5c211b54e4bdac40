import type { Metadata } from "next";
import { CenteredPage } from "@/components/page-shell";
import { Button } from "@/components/ui/button";
import {
  Card,
  CardContent,
  CardDescription,
  CardHeader,
  CardTitle,
} from "@/components/ui/card";

export const metadata: Metadata = {
  title: "Confirm",
  // The address has the link's token.
  referrer: "same-origin",
};

/**
 * Where the link in an e-mail leads. Opening it changes nothing, because mail
 * scanners open links, and other sites can load this address too.
 */
export default async function Confirm(
  { searchParams }: PageProps<"/auth/confirm">,
) {
  const { token_hash, type } = await searchParams;
  return (
    <CenteredPage>
      <Card className="w-full max-w-sm">
        <CardHeader>
          <CardTitle>
            <h1>One more step</h1>
          </CardTitle>
          <CardDescription>
            Continue to sign in to Latchkey notes in this browser.
          </CardDescription>
        </CardHeader>
        <CardContent>
          <form action="/auth/verify" method="post">
            <input type="hidden" name="token_hash" value={String(token_hash)} />
            <input type="hidden" name="type" value={String(type)} />
            <Button type="submit" className="w-full">Continue</Button>
          </form>
        </CardContent>
      </Card>
    </CenteredPage>
  );
}
