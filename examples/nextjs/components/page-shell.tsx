import type { ReactNode } from "react";
import { SessionWatcher } from "@/components/session-watcher";
import { SiteHeader } from "@/components/site-header";
import { currentSession } from "@/lib/session";

/**
 * The header and what it is around. Each page renders it, because Next.js keeps
 * a layout, and its user, while the visitor moves from page to page.
 */
export async function PageShell({ children }: { children: ReactNode }) {
  const { session } = await currentSession();
  return (
    <>
      <SiteHeader user={session?.user} />
      {children}
      {session && <SessionWatcher sessionId={session.session_id} />}
    </>
  );
}

/** A small page in the middle, such as the sign-in. */
export function CenteredPage({ children }: { children: ReactNode }) {
  return (
    <PageShell>
      <main className="flex flex-1 items-center justify-center px-4 py-12">
        {children}
      </main>
    </PageShell>
  );
}
