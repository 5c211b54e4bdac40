-- Called before a password is checked. The transaction ends before the call to
-- Supabase Auth, so the two row locks are short. Every call locks the address first
-- and then the account, so two calls cannot deadlock.

create function latchkey.attempt(
  account text,
  address text,
  deadline timestamptz default null
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set statement_timeout = '3s'
as $$
declare
  free constant integer := (select s.attempts_before_delay from latchkey.settings s);
  wait integer := 0;
begin
  perform latchkey.check_deadline(deadline);
  if address is not null then
    -- Many users, for example in an office, may share an address. An account is one
    -- user.
    wait := latchkey.consume_attempt('address', address, 10 * free);
  end if;
  if wait = 0 then
    wait := latchkey.consume_attempt('account', account, free);
    if wait > 0 and address is not null then
      perform latchkey.refund_attempt('address', address);
    end if;
  end if;
  perform latchkey.check_deadline(deadline);
  return wait;
end
$$;

comment on function latchkey.attempt(text, text, timestamptz) is
  'Whether a password may be checked now for this account and client address (null if not known). Returns 0 if it may, and counts the attempt as failed until settle_attempt corrects that; otherwise returns the seconds to wait. Treats accounts that do not exist in the same way. Security definer: reads settings and writes login_attempts.';
