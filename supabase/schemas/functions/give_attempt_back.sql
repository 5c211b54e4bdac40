-- The opposite of take_attempt: the attempt never was. The wait goes too,
-- because it followed from the attempt that is given back.

create function latchkey.give_attempt_back(kind text, identifier text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update latchkey.login_attempts a
  set failures = greatest(a.failures - 1, 0), blocked_until = null
  where a.kind = give_attempt_back.kind
    and a.key_hash = latchkey.attempt_key(give_attempt_back.kind, identifier);
end
$$;

comment on function latchkey.give_attempt_back(text, text) is
  'Takes one attempt of an account or an address back. Internal, see attempt and settle_attempt.';
