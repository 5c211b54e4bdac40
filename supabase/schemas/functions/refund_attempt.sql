-- This also removes the delay, because the refunded attempt caused it.

create function latchkey.refund_attempt(kind text, identifier text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update latchkey.login_attempts a
  set failures = greatest(a.failures - 1, 0), blocked_until = null
  where a.kind = refund_attempt.kind
    and a.key_hash = latchkey.attempt_key(refund_attempt.kind, identifier);
end
$$;

comment on function latchkey.refund_attempt(text, text) is
  'Undoes one consume_attempt of an account or an address. Internal, see attempt and settle_attempt.';
