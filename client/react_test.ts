/** The hook with the real React: on a server, hydrated, and in a page. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseHTML } from "linkedom";
// @ts-types="@types/react"
import { act, createElement, type ReactNode, useEffect } from "react";
// @ts-types="@types/react-dom/server"
import { renderToString } from "react-dom/server";
import { useSession } from "./react.ts";
import { ADA, BOB, settle, type Tab, world } from "./testing.ts";
import type { Snapshot } from "./types.ts";

/** The part of an element that the tests use. */
interface Container {
  innerHTML: string;
  textContent: string;
}
const { window, document } = parseHTML("<!doctype html><body>") as unknown as {
  window: object;
  document: { createElement(name: string): Container };
};
Object.assign(globalThis, { window, document, IS_REACT_ACT_ENVIRONMENT: true });
// React reads the document when it is imported.
// @ts-types="@types/react-dom/client"
const { createRoot, hydrateRoot } = await import("react-dom/client");

/** Shows the snapshot and records it. */
function Shown({ client, seen }: { client: Tab; seen: Snapshot[] }) {
  const snapshot = useSession(client);
  useEffect(() => void seen.push(snapshot));
  const { status, session, reason } = snapshot;
  return createElement("p", null, [status, session?.user.id, reason].join(" "));
}

/** Runs in a page of its own; fails on a complaint of React. */
async function inPage(
  use: (container: Container) => Promise<void>,
) {
  const complaints: unknown[][] = [];
  const { error } = console;
  console.error = (...words) => void complaints.push(words);
  const container = document.createElement("div");
  try {
    await use(container);
    assertEquals(complaints, []);
  } finally {
    console.error = error;
  }
}

/** Renders, and returns a function that unmounts. */
async function render(
  container: Container,
  node: ReactNode,
): Promise<() => Promise<void>> {
  const root = createRoot(container as never);
  await act(() => root.render(node));
  return async () => await act(() => root.unmount());
}

Deno.test("useSession returns loading on a server", () => {
  const { browser } = world();
  const client = browser.tab();
  assertStringIncludes(
    renderToString(createElement(Shown, { client, seen: [] })),
    "loading",
  );
  client.close();
});

Deno.test("useSession hydrates a server's page and then finds the session", async () => {
  await inPage(async (container) => {
    const { browser } = world();
    await browser.tab().signIn(ADA);
    const client = browser.tab();
    await client.getSession();
    assertEquals(client.snapshot().status, "signed_in");
    const seen: Snapshot[] = [];
    const node = createElement(Shown, { client, seen });
    container.innerHTML = renderToString(node);
    const root = await act(() => hydrateRoot(container as never, node));
    assertEquals(seen.map(({ status }) => status), ["loading", "signed_in"]);
    assertEquals(container.textContent.trim(), "signed_in ada");
    await act(() => root.unmount());
  });
});

Deno.test("useSession renders once per change by any tab", async () => {
  await inPage(async (container) => {
    const { browser, clock, server } = world();
    const [client, other] = [browser.tab(), browser.tab()];
    await settle();
    const seen: Snapshot[] = [];
    const unmount = await render(
      container,
      createElement(Shown, { client, seen }),
    );
    const shown = () => container.textContent.trim();
    const change = async (work: () => Promise<unknown>) => {
      const before = seen.length;
      await act(async () => {
        await work();
        await settle(10);
      });
      return seen.length - before;
    };
    assertEquals([shown(), seen.length], ["signed_out", 1]);

    assertEquals(await change(() => client.signIn(ADA)), 1);
    assertEquals(shown(), "signed_in ada");
    const first = seen.at(-1)!.session!;

    assertEquals(await change(() => clock.advance(811_000)), 1);
    assertEquals(seen.at(-1)!.session!.session_id, first.session_id);
    assert(seen.at(-1)!.session!.access_token !== first.access_token);

    assertEquals(await change(() => other.signIn(BOB)), 1);
    assertEquals(shown(), "signed_in bob");

    const { session_id } = seen.at(-1)!.session!;
    server.sessions.get(session_id)!.revoked = "admin";
    assertEquals(await change(() => clock.advance(811_000)), 1);
    assertEquals(shown(), "signed_out  admin");

    await unmount();
    assertEquals(await change(() => client.signIn(ADA)), 0);
  });
});

Deno.test("useSession returns the same snapshot everywhere in a page", async () => {
  await inPage(async (container) => {
    const { browser, clock } = world();
    const client = browser.tab();
    await settle();
    const seen: [Snapshot[], Snapshot[]] = [[], []];
    const unmount = await render(
      container,
      createElement(
        "main",
        null,
        createElement(Shown, { client, seen: seen[0] }),
        createElement(Shown, { client, seen: seen[1] }),
      ),
    );
    for (
      const change of [
        () => client.signIn(ADA),
        () => clock.advance(811_000),
        () => client.signOut(),
      ]
    ) {
      await act(async () => {
        await change();
        await settle();
      });
    }
    assertEquals(
      seen[0].map(({ status }) => status),
      ["signed_out", "signed_in", "signed_in", "signed_out"],
    );
    assert(seen[0].every((snapshot, i) => snapshot === seen[1][i]));
    // React compares by identity: a new object each time would render forever.
    assert(client.snapshot() === client.snapshot());
    await unmount();
  });
});
