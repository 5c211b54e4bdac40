begin;
select plan(3);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days',
  sessions_per_user = null, at_session_limit = 'end_oldest', custom_access_token_hook = null;
select tests.sign_in('ann');

update auth.sessions set aal = 'aal2' where id = tests.session_id('ann');
select is(
  (tests.refresh('ann', 0)).claims ->> 'aal',
  'aal2', 'A verified factor'
);
select is(
  (select aal from latchkey.refresh_tokens where session_id = tests.session_id('ann')),
  'aal2', 'The list of sessions says so too'
);
update auth.sessions set aal = 'aal1' where id = tests.session_id('ann');
select is(
  (tests.refresh('ann', 1)).claims ->> 'aal',
  'aal1', 'And its removal'
);

select * from finish();
rollback;
