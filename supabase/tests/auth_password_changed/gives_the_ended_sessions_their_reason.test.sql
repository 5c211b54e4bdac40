-- One transaction of Supabase Auth: the new password, then the other sessions.
begin;
select plan(3);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
update auth.users set encrypted_password = 'new'
where id = tests.get_supabase_uid('ann');
delete from auth.sessions
where user_id = tests.get_supabase_uid('ann') and id <> tests.session_id('ann');

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), null::text),
    (tests.session_id('ann', 2), 'password_changed')$$,
  'The other device, and not the one that changed it'
);
select results_eq(
  $$select event::text, reason::text, initiating_entity::text from latchkey.session_events
    where session_id = tests.session_id('ann', 2) and event <> 'session_created'$$,
  $$values ('authn_token_revoked', 'password_changed', 'user')$$,
  'It is one event'
);
select results_eq(
  $$select topic, payload ->> 'session_id', payload ->> 'reason' from realtime.messages
    where topic in (
      'session:' || tests.session_id('ann'),
      'session:' || tests.session_id('ann', 2),
      'user:' || tests.get_supabase_uid('ann')
    ) order by topic$$,
  $$values
    ('session:' || tests.session_id('ann', 2),
      tests.session_id('ann', 2)::text, 'password_changed'),
    ('user:' || tests.get_supabase_uid('ann'),
      tests.session_id('ann', 2)::text, 'password_changed')$$,
  'It is broadcast'
);

select * from finish();
rollback;
