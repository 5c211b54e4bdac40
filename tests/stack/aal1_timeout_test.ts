/**
 * The setting aal1_timeout. Supabase Auth keeps second factors in a table that the
 * local Auth does not have, so the test creates it, in a transaction that it rolls
 * back.
 */
import { assertEquals } from "@std/assert";
import type { Queries } from "../../stack/sql.ts";
import { rolledBack, stack } from "../harness.ts";

const USER = crypto.randomUUID();
const SESSION = crypto.randomUUID();

/** What each check says of the session; `refresh` ends nothing and rotates. */
async function checks(sql: Queries) {
  await sql`savepoint before`;
  const claims = JSON.stringify({ sub: USER, session_id: SESSION });
  await sql`select set_config('request.jwt.claims', ${claims}, true)`;
  const [state] = await sql`
    select outcome::text, reason::text from latchkey.session_state(${SESSION}, ${USER})`;
  const [live] = await sql`select latchkey.session_active() as active`;
  const [introspected] = await sql`
    select latchkey.introspect(${SESSION}, 0, sha256('seed')) is not null as active`;
  const [rotation] = await sql`
    select outcome::text, reason::text
    from latchkey.refresh(${SESSION}, 0, sha256('seed'), 'issuer', null)`;
  const request = await sql`select latchkey.check_request()`
    .then(() => "passes", (error) => JSON.parse(error.message).details);
  await sql`rollback to savepoint before`;
  return [
    ...[state!.outcome, state!.reason, live!.active, introspected!.active],
    ...[rotation!.outcome, rotation!.reason, request],
  ];
}

const ACTIVE = ["active", null, true, true, "rotated", null, "passes"];
const EXPIRED = ["expired", "aal1", false, false, "expired", "aal1", "expired"];

Deno.test("aal1_timeout ends sessions at aal1 of users with a verified factor, at refresh and in every live check", async () => {
  await rolledBack(stack.superuserUrl, async (sql) => {
    await sql`
        insert into auth.users (id, email, aud, role)
        values (${USER}, ${`${USER}@example.com`}, 'authenticated', 'authenticated')`;
    await sql`insert into auth.sessions (id, user_id) values (${SESSION}, ${USER})`;
    await sql`
        select latchkey.login(
          ${SESSION}, sha256('seed'), 'aal1', '[]', null, null, null, 'issuer')`;
    await sql`
        update latchkey.refresh_tokens set created_at = now() - interval '15 minutes'
        where session_id = ${SESSION}`;
    await sql`update latchkey.settings set aal1_timeout = '15 minutes'`;
    assertEquals(await checks(sql), ACTIVE, "without second factors");

    await sql`create table auth.mfa_factors (user_id uuid, status text)`;
    await sql`insert into auth.mfa_factors values (${USER}, 'unverified')`;
    assertEquals(await checks(sql), ACTIVE, "an unverified factor");

    await sql`update auth.mfa_factors set status = 'verified'`;
    assertEquals(await checks(sql), EXPIRED, "a verified factor");

    await sql`update latchkey.settings set aal1_timeout = '16 minutes'`;
    assertEquals(await checks(sql), ACTIVE, "before the timeout");

    await sql`update latchkey.settings set aal1_timeout = null`;
    assertEquals(await checks(sql), ACTIVE, "without the setting");

    await sql`update latchkey.settings set aal1_timeout = '15 minutes'`;
    await sql`update auth.sessions set aal = 'aal2' where id = ${SESSION}`;
    assertEquals(await checks(sql), ACTIVE, "the factor was verified");
  });
});
