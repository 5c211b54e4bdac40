begin;
select plan(1);

select tests.create_auth_session('ann');
select tests.create_auth_session('ann', 2);
select tests.create_auth_session('ann', 3);
select tests.create_auth_session('ann', 4);
select tests.create_auth_session('bob');
select latchkey.login(s.id, sha256(s.id::text::bytea), 'aal1', '[]', null, null, null, null)
from auth.sessions s
where s.id::text ~ '^(aaaaaaaa-0000-4000-8000-00000000000[123]|bbbbbbbb)';
select latchkey.end_sessions(
  array[tests.session_id('ann', 2)], 'user', null, null, null
);

select results_eq(
  $$select id from unnest(latchkey.sessions_of_user(
      tests.get_supabase_uid('ann'), tests.session_id('ann', 3), 10
    )) id order by id$$,
  $$values
    (tests.session_id('ann')),
    (tests.session_id('ann', 4))$$,
  'The user''s own, also if only Supabase Auth knows them, but not the ended or the excepted one'
);

select * from finish();
rollback;
