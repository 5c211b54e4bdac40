begin;
select plan(1);

select tests.create_auth_session('ann');
update auth.users set banned_until = now() where id = tests.get_supabase_uid('ann');

select is(
  (latchkey.login(
    tests.session_id('ann'), sha256('seed'), 'aal1', '[]', null, null, null, null
  )).outcome,
  'created', 'A ban ends at its end'
);

select * from finish();
rollback;
