import {
  ArrowRightIcon,
  CookieIcon,
  MonitorSmartphoneIcon,
  ShieldCheckIcon,
} from "lucide-react";
import Link from "next/link";
import { PageShell } from "@/components/page-shell";
import { buttonVariants } from "@/components/ui/button";
import { currentSession } from "@/lib/session";

const FEATURES = [
  {
    icon: CookieIcon,
    title: "Out of reach of scripts",
    text:
      "The refresh token is in an HttpOnly cookie of this site, and works only together with this server's key.",
  },
  {
    icon: MonitorSmartphoneIcon,
    title: "Every device in view",
    text:
      "See where you are signed in, and sign any device out. It shows the sign-in page within a moment.",
  },
  {
    icon: ShieldCheckIcon,
    title: "Checked by the database",
    text:
      "Row level security asks whether the session is active. An ended session reads nothing from then on.",
  },
];

export default async function Home() {
  const { session } = await currentSession();
  return (
    <PageShell>
      <main className="mx-auto w-full max-w-4xl px-4 py-16 sm:px-6 sm:py-24">
        <h1 className="max-w-2xl text-4xl font-semibold tracking-tight text-balance sm:text-5xl">
          Notes that only an active session can read
        </h1>
        <p className="mt-5 max-w-xl text-lg text-pretty text-muted-foreground">
          Rendered on the server, stored in Supabase, and signed out everywhere
          the moment you say so.
        </p>
        <div className="mt-8 flex flex-wrap gap-3">
          <Link
            href={session ? "/notes" : "/sign-up"}
            className={buttonVariants()}
          >
            {session ? "Open your notes" : "Create an account"}
            <ArrowRightIcon aria-hidden="true" />
          </Link>
          {!session && (
            <Link
              href="/sign-in"
              className={buttonVariants({ variant: "outline" })}
            >
              Sign in
            </Link>
          )}
        </div>
        <ul className="mt-20 grid gap-x-8 gap-y-10 sm:grid-cols-3">
          {FEATURES.map(({ icon: Icon, title, text }) => (
            <li key={title}>
              <Icon aria-hidden="true" className="size-6 text-primary" />
              <h2 className="mt-4 font-medium">{title}</h2>
              <p className="mt-1.5 text-sm leading-relaxed text-muted-foreground">
                {text}
              </p>
            </li>
          ))}
        </ul>
      </main>
    </PageShell>
  );
}
