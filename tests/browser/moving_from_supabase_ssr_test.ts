/**
 * docs/moving-from-supabase-ssr.md, followed step by step on an app that uses
 * @supabase/ssr: its changes apply, and the app then builds and works.
 */
import { assert, assertEquals } from "@std/assert";
import type { BrowserContext, Page } from "playwright-core";
import { tokensOf } from "../docs/pages.ts";
import { api, expectOk, newUser, stack, withDatabase } from "../harness.ts";
import { buildApp, nextApp } from "./apps.ts";
import { newContext } from "./browser.ts";
import { guide, moveFromSupabaseSsr } from "./nextjs/guide.ts";

async function withPage(
  origin: string,
  use: (page: Page, context: BrowserContext) => Promise<void>,
) {
  const context = await newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${origin}/notes`);
    await use(page, context);
  } finally {
    await context.close();
  }
}

async function fillIn(page: Page, email: string, password: string) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
}

Deno.test("moving from @supabase/ssr: the changes apply, and the app works", async () => {
  await using cleanup = new AsyncDisposableStack();
  const notes = await Deno.readTextFile(
    new URL("../../examples/nextjs/supabase/notes.sql", import.meta.url),
  );
  const reload = "notify pgrst, 'reload schema';";
  const run = (text: string) =>
    withDatabase(stack.dbUrl, (sql) => sql.unsafe(text), 1);
  await run(`drop table if exists public.notes; ${notes} ${reload}`);
  cleanup.defer(async () => {
    await run(`drop table public.notes; ${reload}`);
  });
  assertEquals(
    tokensOf(guide, "code").filter(({ lang }) => lang === "diff").length,
    8,
  );
  const app = await buildApp("tests/apps/supabase-ssr", {
    ...nextApp(stack),
    prepare: moveFromSupabaseSsr,
  });
  cleanup.defer(app.close);
  const { port } = await app.start();
  const origin = `http://localhost:${port}`;

  const user = await newUser();
  await withPage(origin, async (page, context) => {
    await fillIn(page, user.email, "wrong password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").first().waitFor();
    await fillIn(page, user.email, user.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText(`Notes of ${user.email}`).waitFor();
    await page.getByLabel("New note").fill("Feed the cat");
    await page.keyboard.press("Enter");
    await page.getByRole("listitem").getByText("Feed the cat").waitFor();
    const cookies = await context.cookies();
    for (const { name, httpOnly } of cookies) {
      assert(httpOnly && name.startsWith("__Host-latchkey-session"), name);
    }
    // Ended elsewhere: the page leaves by itself.
    const other = await api.login(user);
    expectOk(await api.revoke(other, { scope: "others" }));
    await page.getByText("Signed out: user").waitFor();
  });
  await withPage(origin, async (page, context) => {
    const email = `${crypto.randomUUID()}@example.com`;
    await fillIn(page, email, user.password);
    await page.getByRole("button", { name: "Sign up" }).click();
    await page.getByText(`Notes of ${email}`).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    assertEquals(
      (await context.cookies()).map(({ name }) => name),
      ["__Host-latchkey-session-device"],
    );
  });
  await withPage(origin, async (page) => {
    const recovery = await fetch(`${stack.apiUrl}/auth/v1/otp`, {
      method: "POST",
      headers: {
        apikey: stack.publishableKey,
        "Content-Type": "application/json",
      },
      body: JSON.stringify({ email: user.email }),
    });
    assert(recovery.ok, await recovery.text());
    const [{ token }] = await withDatabase(
      stack.dbUrl,
      (sql) =>
        sql<[{ token: string }]>`
        select recovery_token as token from auth.users
        where id = ${user.id}`,
      1,
    );
    await page.goto(
      `${origin}/auth/confirm?token_hash=${token}&type=magiclink`,
    );
    await page.getByRole("listitem").getByText("Feed the cat").waitFor();
  });
});
