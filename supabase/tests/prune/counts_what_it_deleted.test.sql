begin;
select plan(1);
select tests.sign_in('ann');
select tests.expire('ann', idle => '31 days');
insert into latchkey.session_events (created_at, event, session_id, user_id) values
  ('2001-01-01', 'session_created', tests.session_id('ann'), tests.get_supabase_uid('ann'));

select is(
  latchkey.prune() @> '{"events": 1, "notices": 0, "sessions": 1}', true, 'rows of each kind'
);

select * from finish();
rollback;
