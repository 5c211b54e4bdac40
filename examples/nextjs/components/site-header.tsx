import Link from "next/link";
import type { SessionUser } from "supabase-latchkey/server";
import { Logo } from "@/components/logo";
import { NavLink } from "@/components/nav-link";
import { SignOut } from "@/components/sign-out";
import { buttonVariants } from "@/components/ui/button";

/** The header, with the user if somebody is signed in. */
export function SiteHeader({ user }: { user: SessionUser | undefined }) {
  return (
    <header className="border-b bg-card">
      <div className="mx-auto flex max-w-4xl flex-wrap items-center gap-x-6 gap-y-1 px-4 py-3 sm:px-6">
        <Logo />
        {user
          ? (
            <>
              <nav
                aria-label="Main"
                className="order-last flex w-full gap-1 sm:order-none sm:w-auto"
              >
                <NavLink href="/notes">Notes</NavLink>
                <NavLink href="/devices">Devices</NavLink>
              </nav>
              <div className="-mr-3 ml-auto flex min-w-0 items-center gap-1">
                <span className="hidden max-w-56 truncate text-sm text-muted-foreground sm:block">
                  {user.email}
                </span>
                <SignOut />
              </div>
            </>
          )
          : (
            <nav aria-label="Account" className="ml-auto flex gap-2">
              <Link
                href="/sign-in"
                className={buttonVariants({ variant: "ghost", size: "sm" })}
              >
                Sign in
              </Link>
              <Link href="/sign-up" className={buttonVariants({ size: "sm" })}>
                Sign up
              </Link>
            </nav>
          )}
      </div>
    </header>
  );
}
