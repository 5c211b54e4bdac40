/** Administrators look up tokens and list the sessions of a user. */
import { assertEquals } from "@std/assert";
import { decodeJwt } from "jose";
import {
  accessTokens,
  Api,
  expectOk,
  newUser,
  refreshTokens,
  type Session,
  stack,
  supabase,
  WAYS,
  withDatabase,
} from "../harness.ts";

const admin = { apikey: stack.secretKey };

for (const [way, url] of Object.entries(WAYS)) {
  const api = new Api(url);
  const introspect = async (
    token: string,
    hint?: string,
  ): Promise<Record<string, unknown>> =>
    expectOk(
      await api.form("introspect", {
        token,
        ...(hint && { token_type_hint: hint }),
      }, admin),
    );

  Deno.test(`introspect: describes both tokens of a session, ${way}`, async () => {
    const user = await newUser();
    const session = await api.login(user);
    const shared = {
      active: true,
      sub: user.id,
      session_id: session.session_id,
      aal: "aal1",
      role: "authenticated",
      username: user.email,
    };

    const { iat, exp } = decodeJwt(session.access_token);
    const access = { ...shared, token_type: "bearer", iat, exp };
    assertEquals(await introspect(session.access_token), access);

    const [row] = await withDatabase(stack.dbUrl, (sql) =>
      sql`
      select floor(extract(epoch from rotated_at))::integer as iat,
        floor(extract(epoch from least(expires_at, idle_expires_at)))::integer as exp
      from latchkey.refresh_tokens where session_id = ${session.session_id}`);
    const refresh = { ...shared, token_type: "refresh_token", ...row };
    assertEquals(await introspect(session.refresh_token), refresh);

    // A wrong hint changes nothing (RFC 7662 section 2.1).
    const hinted = await introspect(session.access_token, "refresh_token");
    assertEquals(hinted, access);
  });

  Deno.test(`introspect: answers inactive and nothing else, ${way}`, async () => {
    const user = await newUser();
    const session = await api.login(user);
    const claims = decodeJwt(session.access_token);
    const expired = await accessTokens.issue({ ...claims, exp: claims.iat });
    const authentic = (refreshTokens.read(session.refresh_token))!;
    const minted = (changes: Partial<typeof authentic>) =>
      refreshTokens.issue({ ...authentic, ...changes });
    const inactive = { active: false };
    for (
      const token of [
        "hush-hush",
        session.refresh_token.slice(0, -2),
        session.access_token.slice(0, -2),
        expired,
        await minted({ seed: new Uint8Array(16) }),
        await minted({ sessionId: crypto.randomUUID() }),
        await minted({ generation: 2 ** 31 }),
        stack.secretKey,
      ]
    ) assertEquals(await introspect(token), inactive, token);

    expectOk(await api.revoke(session, { scope: "local" }));
    assertEquals(await introspect(session.access_token), inactive);
    assertEquals(await introspect(session.refresh_token), inactive);
  });

  Deno.test(`introspect: follows rotation and changes nothing, ${way}`, async () => {
    const first = await api.login(await newUser());
    const second: Session = expectOk(await api.refresh(first.refresh_token));
    const isActive = async (token: string) => (await introspect(token)).active;
    assertEquals(await isActive(second.refresh_token), true);
    assertEquals(await isActive(first.refresh_token), true);
    await withDatabase(stack.dbUrl, (sql) =>
      sql`
      update latchkey.refresh_tokens set rotated_at = rotated_at - interval '1 minute'
      where session_id = ${first.session_id}`);
    // At /refresh this would count as theft and end the session.
    assertEquals(await isActive(first.refresh_token), false);
    assertEquals(await isActive(second.refresh_token), true);
    const third: Session = expectOk(await api.refresh(second.refresh_token));
    assertEquals(
      (refreshTokens.read(third.refresh_token))!.generation,
      2,
    );
  });

  Deno.test(`introspect: does not disturb a concurrent refresh, ${way}`, async () => {
    const { refresh_token } = await api.login(await newUser());
    const [refreshed, ...seen] = await Promise.all([
      api.refresh(refresh_token),
      ...Array.from({ length: 30 }, () => introspect(refresh_token)),
    ]);
    // It is current before the refresh and one behind after it: both are active.
    assertEquals(seen.filter(({ active }) => !active), []);
    const next: Session = expectOk(refreshed);
    assertEquals((refreshTokens.read(next.refresh_token))!.generation, 1);
    expectOk(await api.refresh(next.refresh_token));
  });

  Deno.test(`introspect: also describes sessions that only Supabase Auth manages, ${way}`, async () => {
    const user = await newUser();
    const client = supabase();
    const { data } = await client.auth.signInWithPassword(user);
    const token = data.session!.access_token;
    const { active, sub } = await introspect(token);
    assertEquals([active, sub], [true, user.id]);
    await client.auth.signOut();
    assertEquals(await introspect(token), { active: false });
  });

  Deno.test(`sessions: an administrator lists the sessions of a user, ${way}`, async () => {
    const [user, other] = [await newUser(), await newUser()];
    const laptop = await api.login(user, "Laptop");
    const phone = await api.login(user, "Phone");
    await api.login(other, "Other");
    const list = async () =>
      expectOk<{ sessions: unknown[] }>(
        await api.send(`sessions?user_id=${user.id}`, { headers: admin }),
      ).sessions;

    const own = expectOk<{ sessions: Record<string, unknown>[] }>(
      await api.sessions(phone),
    ).sessions;
    assertEquals(
      await list(),
      own.map((session) => ({ ...session, current: false })),
    );
    assertEquals(own.map(({ device_name }) => device_name), [
      "Phone",
      "Laptop",
    ]);

    expectOk(
      await api.post("revoke", { session_id: laptop.session_id }, admin),
    );
    assertEquals((await list()).length, 1);
  });
}
