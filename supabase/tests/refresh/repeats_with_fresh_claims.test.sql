begin;
select plan(1);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.sign_in('ann');
select tests.refresh('ann', 0);
update auth.users set raw_app_meta_data = '{"plan": "gold"}'
where id = tests.get_supabase_uid('ann');

select is(
  (tests.refresh('ann', 0)).claims
    -> 'app_metadata',
  '{"plan": "gold"}',
  'A repetition reads the user anew'
);

select * from finish();
rollback;
