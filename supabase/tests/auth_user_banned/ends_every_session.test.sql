-- Auth keeps the sessions of a banned user, and they would work again after the ban.
begin;
select plan(4);

select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');
update auth.users set banned_until = now() + interval '1 hour'
where id = tests.get_supabase_uid('ann');

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id in (
      tests.get_supabase_uid('ann'),
      tests.get_supabase_uid('bob')
    ) order by session_id$$,
  $$values (tests.session_id('ann'), 'banned'),
    (tests.session_id('ann', 2), 'banned'),
    (tests.session_id('bob'), null)$$,
  'All of that user, none of another'
);
select is_empty(
  $$select from auth.sessions where user_id = tests.get_supabase_uid('ann')$$,
  'In Supabase Auth too, also those that Latchkey does not manage'
);
select results_eq(
  $$select session_id, event::text, reason::text, initiating_entity::text from latchkey.session_events
    where user_id = tests.get_supabase_uid('ann') and event <> 'session_created'
    order by session_id$$,
  $$values (tests.session_id('ann'), 'authn_token_revoked', 'banned', 'admin'),
    (tests.session_id('ann', 2), 'authn_token_revoked', 'banned', 'admin')$$,
  'One event each'
);
select results_eq(
  $$select topic, count(*) from realtime.messages
    where topic in (
      'session:' || tests.session_id('ann'),
      'session:' || tests.session_id('ann', 2),
      'user:' || tests.get_supabase_uid('ann'),
      'user:' || tests.get_supabase_uid('bob')
    )
    group by topic order by topic$$,
  $$values ('session:' || tests.session_id('ann'), 1::bigint),
      ('session:' || tests.session_id('ann', 2), 1),
      ('user:' || tests.get_supabase_uid('ann'), 2)$$,
  'Each is broadcast'
);

select * from finish();
rollback;
