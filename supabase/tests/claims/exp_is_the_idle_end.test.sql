begin;
select plan(1);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.sign_in('ann');
update latchkey.refresh_tokens set idle_expires_at = now() + interval '60 seconds'
where session_id = tests.session_id('ann');

select is(
  latchkey.access_token_seconds(latchkey.claims(t, u, s, 'https://x/auth/v1', 'password')), 60,
  'The idle end is nearer than the setting'
)
from latchkey.refresh_tokens t join auth.users u on u.id = t.user_id, latchkey.settings s
where t.session_id = tests.session_id('ann');

select * from finish();
rollback;
