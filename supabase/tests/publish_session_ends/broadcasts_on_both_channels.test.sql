-- The device that was ended listens on one, every device of the user on the other.
begin;
select plan(2);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.end_session('ann', 1, 'user');

select results_eq(
  $$select topic, event, extension, private from realtime.messages
    where topic in (
      'session:' || tests.session_id('ann'),
      'user:' || tests.get_supabase_uid('ann')
    ) order by topic$$,
  $$values ('session:' || tests.session_id('ann'), 'session-revoked', 'broadcast', true),
    ('user:' || tests.get_supabase_uid('ann'), 'session-revoked', 'broadcast', true)$$,
  'One private message on each'
);
select is_empty(
  $$select from realtime.messages
    where topic = 'session:' || tests.session_id('ann', 2)$$,
  'Nothing on the channel of another session'
);

select * from finish();
rollback;
