-- Called when an attempt has ended, unless the password was wrong, which is already
-- counted. A success clears the account's count, but for the address it refunds only
-- this attempt: otherwise an attacker could get more guesses with one successful
-- sign-in. It locks rows in the same order as attempt().

create function latchkey.settle_attempt(
  account text,
  address text,
  succeeded boolean,
  deadline timestamptz default null
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set statement_timeout = '3s'
as $$
begin
  perform latchkey.check_deadline(deadline);
  if address is not null then
    perform latchkey.refund_attempt('address', address);
  end if;
  if succeeded then
    delete from latchkey.login_attempts a
    where a.kind = 'account' and a.key_hash = latchkey.attempt_key('account', account);
  else
    perform latchkey.refund_attempt('account', account);
  end if;
  perform latchkey.check_deadline(deadline);
end
$$;

comment on function latchkey.settle_attempt(text, text, boolean, timestamptz) is
  'Ends an attempt that latchkey.attempt allowed: the password was correct (succeeded), or was never checked. Security definer: writes login_attempts.';
