"use client";

import { LogOutIcon } from "lucide-react";
import { Button } from "@/components/ui/button";
import { pageSession } from "@/lib/page-session";

/** A form, so that the whole page is left and nothing stays. */
export function SignOut() {
  return (
    <form
      action="/auth/sign-out"
      method="post"
      // This page need not report the end.
      onSubmit={() => pageSession.close()}
    >
      <Button type="submit" variant="ghost" size="sm">
        <LogOutIcon aria-hidden="true" />
        Sign out
      </Button>
    </form>
  );
}
