begin;
select plan(1);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.refresh('ann', 0);
select tests.refresh('ann', 1);
select tests.refresh('ann', 0);

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'reuse'),
      (tests.session_id('ann', 2), null)$$,
  'The other devices stay signed in'
);

select * from finish();
rollback;
