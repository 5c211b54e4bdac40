"use client";

import { Button } from "@/components/ui/button";

export default function ErrorPage({ reset }: { reset: () => void }) {
  return (
    <main className="flex flex-1 flex-col items-center justify-center px-4 py-12 text-center">
      <h1 className="text-xl font-semibold tracking-tight">
        This page cannot be shown now
      </h1>
      <p className="mt-1.5 text-muted-foreground">
        You are still signed in. Try again in a moment.
      </p>
      <Button className="mt-6" onClick={reset}>Try again</Button>
    </main>
  );
}
