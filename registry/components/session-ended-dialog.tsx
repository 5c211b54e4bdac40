"use client";

import { LogOutIcon } from "lucide-react";
import { useEffect, useId, useRef } from "react";
import type { EndReason, SessionClient } from "supabase-latchkey";
import { useSession } from "supabase-latchkey/react";
import { Button } from "@/components/ui/button";
import { explainReason } from "@/lib/session-reasons";

export interface SessionEndedDialogProps {
  /** The client whose session is watched. */
  client: Pick<SessionClient, "onChange" | "snapshot">;
  /** Goes to the sign-in. Load the page again there, so that nothing stays. */
  onSignIn: (reason: EndReason) => void;
}

/**
 * Covers the page as soon as the server has ended the session, and says why. It
 * shows nothing while the session is active, and after a sign-out in this
 * browser.
 */
export function SessionEndedDialog(
  { client, onSignIn }: SessionEndedDialogProps,
) {
  const { status, reason } = useSession(client);
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const hasEnded = status === "signed_out" && reason !== undefined;

  useEffect(() => {
    if (hasEnded) dialog.current?.showModal();
    else dialog.current?.close();
  }, [hasEnded]);

  return (
    <dialog
      ref={dialog}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      // The page below shows data of a session that has ended.
      onCancel={(event) => event.preventDefault()}
      className="m-auto w-[calc(100%-2rem)] max-w-sm rounded-xl border bg-card p-6 text-card-foreground shadow-lg backdrop:bg-background/80 backdrop:backdrop-blur-md"
    >
      {hasEnded && (
        <div className="flex flex-col items-center gap-2 text-center">
          <span
            aria-hidden="true"
            className="mb-2 flex size-12 items-center justify-center rounded-full bg-muted"
          >
            <LogOutIcon className="size-5" />
          </span>
          <h2 id={`${id}-title`} className="text-lg font-semibold">
            You are signed out
          </h2>
          <p id={`${id}-text`} className="text-sm text-muted-foreground">
            {explainReason(reason)}
          </p>
          <Button
            autoFocus
            className="mt-4 w-full"
            onClick={() => onSignIn(reason)}
          >
            Sign in again
          </Button>
        </div>
      )}
    </dialog>
  );
}
