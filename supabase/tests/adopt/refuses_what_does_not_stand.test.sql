begin;
select plan(7);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days',
  sessions_per_user = null, at_session_limit = 'end_oldest', custom_access_token_hook = null;
select tests.create_auth_session('ann');
select tests.create_auth_session('ann', 2);
select tests.create_auth_session('ann', 3);
select tests.create_supabase_user('ben');
create function pg_temp.answer(session_id uuid, user_id uuid default tests.get_supabase_uid('ann'))
returns text language sql as $$
  select concat_ws(' ', outcome, reason) from latchkey.adopt(
    session_id, user_id, sha256('seed'), decode(repeat('00', 17), 'hex'),
    'aal1', '[]', null, null, null, null, null
  )
$$;

select is(
  pg_temp.answer('ffffffff-0000-4000-8000-00000000000f'), 'revoked signed_out',
  'A session that Auth does not have'
);
select is(
  pg_temp.answer(tests.session_id('ann'), tests.get_supabase_uid('ben')), 'revoked signed_out',
  'Somebody else''s'
);
select tests.end_session('ann');
select is(pg_temp.answer(tests.session_id('ann')), 'revoked signed_out', 'Ended before it was adopted');
select pg_temp.answer(tests.session_id('ann', 2));
select tests.end_session('ann', 2, 'admin');
select is(pg_temp.answer(tests.session_id('ann', 2)), 'revoked admin', 'Ended here, with the reason');
update auth.sessions set not_after = now() where id = tests.session_id('ann', 3);
select is(pg_temp.answer(tests.session_id('ann', 3)), 'expired absolute', 'Past the end that Auth set');
update auth.sessions set not_after = now() + interval '1 day' where id = tests.session_id('ann', 3);
select pg_temp.answer(tests.session_id('ann', 3));
select is(
  (select expires_at from latchkey.refresh_tokens where session_id = tests.session_id('ann', 3)),
  now() + interval '1 day', 'An end that Auth set is kept'
);
update auth.users set banned_until = now() + interval '1 hour' where id = tests.get_supabase_uid('ann');
select is(pg_temp.answer(tests.session_id('ann', 3)), 'banned', 'A banned user''s');

select * from finish();
rollback;
