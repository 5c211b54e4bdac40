import type { Metadata } from "next";
import {
  revokeSession,
  signOutOthers,
  userSessions,
} from "@/app/devices/actions";
import { PageShell } from "@/components/page-shell";
import { SessionList } from "@/components/session-list";
import { requireUser } from "@/lib/session";

export const metadata: Metadata = { title: "Devices" };

export default async function Devices() {
  await requireUser("/devices");
  return (
    <PageShell>
      <main className="mx-auto w-full max-w-4xl px-4 py-10 sm:px-6">
        <h1 className="text-2xl font-semibold tracking-tight">Devices</h1>
        <p className="mt-1 text-muted-foreground">
          A device that you sign out here leaves its page within a moment.
        </p>
        <SessionList
          className="mt-6"
          sessions={await userSessions()}
          actions={{
            sessions: userSessions,
            revoke: revokeSession,
            signOut: signOutOthers,
          }}
        />
      </main>
    </PageShell>
  );
}
