-- Called before a password is tried. The transaction ends before Supabase Auth is
-- called, so the two row locks are short; they are always taken in this order, the
-- address first, so two calls never wait for each other in a circle.

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
    -- An address may be that of an office; an account is one user.
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
  'Whether a password may be tried now for this account from this client address (null where it is not known): 0, and the attempt counts as failed until settle_attempt says otherwise; or the seconds to wait. Does not know which accounts exist. Security definer: reads settings and writes login_attempts.';
