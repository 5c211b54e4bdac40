"use client";

import {
  LaptopIcon,
  LoaderCircleIcon,
  type LucideIcon,
  MonitorSmartphoneIcon,
  SmartphoneIcon,
  TabletIcon,
} from "lucide-react";
import { useCallback, useEffect, useId, useRef, useState } from "react";
import type { Scope, SessionInfo } from "supabase-latchkey";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/utils";

/**
 * What the list calls. The browser's session client fits as it is. An app that
 * is rendered on a server passes three server actions.
 */
export interface SessionListActions {
  sessions(): Promise<SessionInfo[]>;
  revoke(sessionId: string): Promise<unknown>;
  signOut(options: { scope: Extract<Scope, "others"> }): Promise<unknown>;
}

export interface SessionListProps {
  actions: SessionListActions;
  /** The sessions that the server rendered. By default, the list loads them. */
  sessions?: SessionInfo[];
  /** The language of times. It must be the same on the server and here. */
  locale?: string;
  className?: string;
}

/** The user's sessions, each of which can be ended from here. */
export function SessionList(
  { actions, sessions: initial, locale = "en", className }: SessionListProps,
) {
  const [sessions, setSessions] = useState(initial);
  const [message, setMessage] = useState("");
  const [problem, setProblem] = useState("");
  /** The session that is being ended, or `others`. */
  const [ending, setEnding] = useState<string>();
  const heading = useRef<HTMLHeadingElement>(null);
  const headingId = useId();

  const load = useCallback(async () => {
    try {
      setSessions(await actions.sessions());
    } catch (error) {
      setProblem(describe(error));
    }
  }, [actions]);

  useEffect(() => {
    if (!initial) void load();
    // Another device may have signed in or out meanwhile.
    window.addEventListener("focus", load);
    return () => window.removeEventListener("focus", load);
  }, [initial, load]);

  async function end(
    which: string,
    work: () => Promise<unknown>,
    done: string,
  ) {
    setEnding(which);
    setProblem("");
    setMessage("");
    try {
      await work();
      setMessage(done);
      await load();
      // The button that had the focus is gone.
      heading.current?.focus();
    } catch (error) {
      setProblem(describe(error));
    } finally {
      setEnding(undefined);
    }
  }

  const current = sessions?.filter((session) => session.current) ?? [];
  const others = sessions?.filter((session) => !session.current) ?? [];
  return (
    <section
      aria-labelledby={headingId}
      aria-busy={!sessions}
      className={cn(
        "overflow-hidden rounded-xl border bg-card text-card-foreground shadow-sm",
        className,
      )}
    >
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-3 border-b px-5 py-4">
        <h2
          id={headingId}
          ref={heading}
          tabIndex={-1}
          className="rounded-sm font-semibold outline-none"
        >
          Your devices
        </h2>
        {others.length > 1 && (
          <Button
            variant="outline"
            size="sm"
            disabled={ending !== undefined}
            onClick={() =>
              end(
                "others",
                () => actions.signOut({ scope: "others" }),
                "All other devices are signed out.",
              )}
          >
            {ending === "others" && <Spinner />}
            Sign out all others
          </Button>
        )}
      </header>
      {!sessions && !problem && <Loading />}
      <ul className="divide-y">
        {[...current, ...others].map((session) => (
          <Row
            key={session.session_id}
            session={session}
            locale={locale}
            isEnding={ending === session.session_id}
            isDisabled={ending !== undefined}
            onEnd={() =>
              end(
                session.session_id,
                () => actions.revoke(session.session_id),
                `${nameOf(session)} is signed out.`,
              )}
          />
        ))}
      </ul>
      {sessions && others.length === 0 && (
        <p className="border-t px-5 py-4 text-sm text-muted-foreground">
          No other device is signed in.
        </p>
      )}
      <p role="status" className="sr-only">{message}</p>
      {problem && (
        <p role="alert" className="border-t px-5 py-4 text-sm text-destructive">
          {problem}
        </p>
      )}
    </section>
  );
}

function Row({ session, locale, isEnding, isDisabled, onEnd }: {
  session: SessionInfo;
  locale: string;
  isEnding: boolean;
  isDisabled: boolean;
  onEnd: () => void;
}) {
  const Icon = iconOf(session);
  const name = nameOf(session);
  return (
    <li className="flex items-start gap-4 px-5 py-4">
      <span
        aria-hidden="true"
        className="mt-0.5 flex size-10 shrink-0 items-center justify-center rounded-lg bg-muted text-muted-foreground"
      >
        <Icon className="size-5" />
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1 font-medium">
          <span className="truncate">{name}</span>
          {session.current && (
            <span className="rounded-full bg-primary/10 px-2 py-0.5 text-xs font-medium text-primary">
              This device
            </span>
          )}
        </p>
        <p className="text-sm text-muted-foreground">{detailOf(session)}</p>
        <p className="text-sm text-muted-foreground">
          {session.current ? "Active now" : (
            <>
              Last active <Time value={session.last_used_at} locale={locale} />
            </>
          )} · Signed in <Time value={session.created_at} locale={locale} />
        </p>
      </div>
      {!session.current && (
        <Button
          variant="outline"
          size="sm"
          disabled={isDisabled}
          aria-label={`Sign out ${name}`}
          onClick={onEnd}
        >
          {isEnding && <Spinner />}
          Sign out
        </Button>
      )}
    </li>
  );
}

/** A moment, as the time that has passed since. */
function Time({ value, locale }: { value: string; locale: string }) {
  return (
    // A second may pass between the server's render and the browser's.
    <time dateTime={value} title={value} suppressHydrationWarning>
      {timeAgo(new Date(value), locale)}
    </time>
  );
}

function Spinner() {
  return (
    <LoaderCircleIcon
      aria-hidden="true"
      className="animate-spin motion-reduce:animate-none"
    />
  );
}

function Loading() {
  return (
    <div className="flex items-center gap-4 px-5 py-4" aria-hidden="true">
      <span className="size-10 animate-pulse rounded-lg bg-muted" />
      <span className="h-4 w-48 animate-pulse rounded bg-muted" />
    </div>
  );
}

function nameOf({ device_name, client }: SessionInfo): string {
  return device_name ?? client ?? "Unknown device";
}

/** What the name leaves out. */
function detailOf(
  { device_name, client, country, last_ip, ip }: SessionInfo,
): string {
  const address = last_ip ?? ip;
  return [
    device_name && client !== device_name ? client : null,
    address && `Last seen from ${address}${country ? `, ${country}` : ""}`,
  ].filter(Boolean).join(" · ");
}

function iconOf(
  { last_user_agent, user_agent }: SessionInfo,
): LucideIcon {
  const agent = last_user_agent ?? user_agent ?? "";
  if (/iPad|Tablet/.test(agent)) return TabletIcon;
  if (/Mobi|iPhone|Android/.test(agent)) return SmartphoneIcon;
  if (/Windows|Macintosh|Linux|CrOS/.test(agent)) return LaptopIcon;
  return MonitorSmartphoneIcon;
}

const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

function timeAgo(moment: Date, locale: string): string {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const seconds = (Date.now() - moment.getTime()) / 1000;
  for (const [unit, length] of UNITS) {
    if (seconds >= length) {
      return format.format(-Math.floor(seconds / length), unit);
    }
  }
  return format.format(-1, "minute");
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
