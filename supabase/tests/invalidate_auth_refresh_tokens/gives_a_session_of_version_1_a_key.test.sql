-- Without one Auth would verify no second factor.
begin;
select plan(1);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days',
  sessions_per_user = null, at_session_limit = 'end_oldest', custom_access_token_hook = null;
select tests.sign_in('ann');

select matches(
  (select refresh_token_hmac_key from auth.sessions where id = tests.session_id('ann')),
  '^[A-Za-z0-9_-]{43}$', '32 bytes in base64url, as Auth reads them'
);

select * from finish();
rollback;
