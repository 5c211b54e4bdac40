begin;
select plan(1);

select tests.sign_in('ann', device) from generate_series(1, 4) device;

update latchkey.refresh_tokens set idle_expires_at = now() - interval '31 days' where session_id = tests.session_id('ann');
insert into latchkey.session_events (created_at, event, session_id, user_id) values
  ('2001-01-01', 'session_created', tests.session_id('ann'), tests.get_supabase_uid('ann'));

select is(
  latchkey.prune() @> '{"events": 1, "notices": 0, "sessions": 1}', true, 'Of each kind'
);

select * from finish();
rollback;
