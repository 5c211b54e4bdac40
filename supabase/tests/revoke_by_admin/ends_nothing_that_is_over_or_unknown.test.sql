begin;
select plan(6);

select tests.sign_in('ann');
select tests.end_session('ann', 1, 'user');

select is(
  (latchkey.revoke_by_admin(tests.get_supabase_uid('ann'), null, 'admin', null)).revoked,
  0, 'A user without sessions that stand'
);
select is(
  (latchkey.revoke_by_admin(null, tests.session_id('ann'), 'admin', null)).revoked,
  0, 'A session that is over'
);
select is(
  (latchkey.revoke_by_admin('ffffffff-0000-4000-8000-00000000000f', null, 'admin', null)).revoked,
  0, 'A user nobody knows'
);
select is(
  (latchkey.revoke_by_admin(null, 'ffffffff-0000-4000-8000-00000000000f', 'admin', null)).revoked,
  0, 'A session nobody knows'
);
select is((latchkey.revoke_by_admin(null, null, 'admin', null)).revoked, 0, 'Neither');
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'user')$$,
  'The first reason stays'
);

select * from finish();
rollback;
