/**
 * Mutants that may survive, with the reason: mostly that the change cannot be
 * observed. The name is the one that `deno task mutants` prints.
 */
export const accepted: Record<string, string> = {
  "client/lock.ts: await sleep(SETTLE_MILLISECONDS * (1 + random())); => await sleep(SETTLE_MILLISECONDS / (1 + random()));":
    "The pause may be shorter or longer. It only spreads the tabs.",
  "client/storage.ts: #isAsync = false; => #isAsync = true;":
    "The first transaction only reads. With the lock it is slower, but right.",
  "client/refresh.ts: return left > longestWait(attempts.in_doubt) ? 0 : left; => return left > longestWait(attempts.in_doubt) ? 1 : left;":
    "A pause of one millisecond is as good as none.",
  "supabase/schemas/grants.sql: revoke all on all tables in schema latchkey from public, anon, authenticated, service_role, latchkey_functions; => ":
    "The local database has no default privileges to take away.",
  "supabase/schemas/functions/auth_user_banned.sql: if new.banned_until is not distinct from old.banned_until or (new.banned_until > now()) is not true then => if (new.banned_until > now()) is not true then":
    "A banned user has no active session left, so ending them again does nothing.",
  "supabase/schemas/functions/auth_password_changed.sql: return null; => null;":
    "It is in the handler for an error of set_config(), which does not occur.",
  "supabase/schemas/functions/lock_sessions.sql: perform pg_sleep(0.01); => null;":
    "Without the pause it only tries more often.",
  "supabase/schemas/functions/lock_sessions.sql: if clock_timestamp() > patience then => if not (clock_timestamp() > patience) then":
    "It needs two connections: tests/http/sign_outs_test.ts.",
  "supabase/schemas/functions/lock_sessions.sql: if clock_timestamp() > patience then => if clock_timestamp() >= patience then":
    "One microsecond.",
  "supabase/schemas/functions/lock_sessions.sql: where s.id = any (session_ids) => where not (s.id = any (session_ids))":
    "It needs two connections: tests/http/sign_outs_test.ts.",
  "supabase/schemas/functions/prune_sessions.sql: return 0; => null;":
    "Without sessions to prune, the statements after it do nothing either.",
  "supabase/schemas/functions/settle_attempt.sql: where a.kind = 'account' and a.key_hash = latchkey.attempt_key('account', account); => where a.key_hash = latchkey.attempt_key('account', account);":
    "The hash contains the kind. The condition is for the primary key.",
  "supabase/schemas/functions/take_notices.sql: * least(interval '1 minute' * 2 ^ least(o.attempts, 9), interval '6 hours') => * least(interval '1 minute' * 2 ^ least(o.attempts, 10), interval '6 hours')":
    "2 to the power of 9 minutes is already more than 6 hours.",
  "supabase/schemas/functions/amr.sql: where s.id = c.session_id => where not (s.id = c.session_id)":
    "Auth's table is not in the local database: tests/http/adopt_test.ts creates it.",
  "supabase/schemas/functions/amr.sql: 'provider', case when c.authentication_method = 'sso/saml' then ( => 'select', case when c.authentication_method = 'sso/saml' then (":
    "Auth's table is not in the local database: tests/http/adopt_test.ts creates it.",
  "supabase/schemas/functions/amr.sql: having count(*) = 1 and min(i.provider) like 'sso:%' => having count(*) = 1":
    "Auth's table is not in the local database: tests/http/adopt_test.ts creates it.",
  "client/refresh.ts: if (this.#closed || !this.environment.online()) return; => if (!this.environment.online()) return;":
    "close() also removes the timer and the listeners that call it.",
  "client/refresh.ts: untilRefresh(stored, now) <= 0; => untilRefresh(stored, now) < 0;":
    "One millisecond.",
  "client/state.ts: (entry?.revision ?? this.#known?.revision ?? 0) + 1, => (entry?.revision ?? this.#known?.revision ?? 0) + 2,":
    "A revision only has to be greater than the last one.",
  "supabase/schemas/functions/take_notices.sql: for update skip locked => ":
    "It needs two connections: tests/http/notices_test.ts.",
};
