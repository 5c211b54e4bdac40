"use client";

import { useEffect } from "react";
import { SessionEndedDialog } from "@/components/session-ended-dialog";
import { pageSession, pageSupabase } from "@/lib/page-session";

/** Tells the user at once if the session is ended elsewhere. */
export function SessionWatcher({ sessionId }: { sessionId: string }) {
  useEffect(() => {
    // The server signed in, and the page does not know of it yet.
    void pageSession.sync().catch(() => {});
    return pageSession.watch(pageSupabase);
  }, [sessionId]);
  return (
    <SessionEndedDialog
      client={pageSession}
      onSignIn={() => {
        const { pathname, search } = window.location;
        const next = encodeURIComponent(pathname + search);
        window.location.assign(`/sign-in?next=${next}`);
      }}
    />
  );
}
