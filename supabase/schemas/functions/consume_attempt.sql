-- An attempt counts as failed from its start, under the row's lock. So the counter
-- also limits guesses that are made at the same time.

create function latchkey.consume_attempt(kind text, identifier text, free_attempts integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  key constant bytea := latchkey.attempt_key(consume_attempt.kind, identifier);
  known latchkey.login_attempts;
  wait integer;
begin
  -- An attempt that must wait costs one read, and no lock or write.
  select ceil(extract(epoch from a.blocked_until - clock_timestamp())) into wait
  from latchkey.login_attempts a
  where a.kind = consume_attempt.kind and a.key_hash = key;
  if wait > 0 then
    return wait;
  end if;

  -- Creates the row or locks it, even if another call deletes it in the meantime.
  insert into latchkey.login_attempts as a (kind, key_hash)
  values (consume_attempt.kind, key)
  on conflict on constraint login_attempts_pkey do update set failures = a.failures
  returning * into known;
  wait := ceil(extract(epoch from known.blocked_until - clock_timestamp()));
  if wait > 0 then
    return wait;
  end if;

  if known.last_failed_at < clock_timestamp() - interval '1 day' then
    known.failures := 0;
  end if;
  known.failures := known.failures + 1;
  update latchkey.login_attempts a
  set failures = known.failures,
      last_failed_at = clock_timestamp(),
      blocked_until = case when known.failures >= free_attempts then
        clock_timestamp() + least(
          s.longest_attempt_delay,
          -- The limit of the exponent keeps the interval within its range.
          interval '1 second' * 2 ^ least(known.failures - free_attempts, 20)
        )
      end
  from latchkey.settings s
  where a.kind = known.kind and a.key_hash = known.key_hash;
  return 0;
end
$$;

comment on function latchkey.consume_attempt(text, text, integer) is
  'Counts an attempt of an account or an address as failed and returns 0; or counts nothing and returns the seconds to wait. Internal, see attempt.';
