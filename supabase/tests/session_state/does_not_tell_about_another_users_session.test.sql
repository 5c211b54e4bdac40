-- The access token names both the session and the user; they must belong together.
begin;
select plan(6);
select tests.sign_in('ann', 2);
select tests.sign_in('bob');
select tests.sign_in('bob', 3);
select tests.end_session('bob', 3, 'banned');
select tests.create_auth_session('bob', 4);

select is(
  (latchkey.session_state(session_id, tests.get_supabase_uid('ann'))).reason::text,
  'signed_out', name
)
from (values
  ('an unknown session', tests.session_id('ann')),
  ('no session', null),
  ('another user''s active session', tests.session_id('bob')),
  ('another user''s revoked session', tests.session_id('bob', 3)),
  ('another user''s session that only Supabase Auth knows', tests.session_id('bob', 4))
) cases (name, session_id);
select is(
  (latchkey.session_state(null, null)).reason::text, 'user_deleted', 'no session of no user'
);

select * from finish();
rollback;
