import Link from "next/link";

export function Logo() {
  return (
    <Link
      href="/"
      className="-m-1 flex items-center gap-2 rounded-md p-1 font-semibold tracking-tight outline-none focus-visible:ring-2 focus-visible:ring-ring"
    >
      <svg viewBox="0 0 32 32" aria-hidden="true" className="size-7">
        <rect width="32" height="32" rx="8" className="fill-primary" />
        <g
          fill="none"
          strokeWidth="2.5"
          strokeLinecap="round"
          className="stroke-primary-foreground"
        >
          <circle cx="11.5" cy="16" r="4.5" />
          <path d="M16 16h9M21.5 16v4" />
        </g>
      </svg>
      Latchkey notes
    </Link>
  );
}
