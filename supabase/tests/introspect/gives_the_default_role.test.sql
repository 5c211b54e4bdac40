begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  (tests.get_supabase_uid('ann'), 'ann@pgtap.example', 'authenticated', '');
select tests.create_auth_session('ann');
select latchkey.login(
  tests.session_id('ann'), sha256('seed'), 'aal1', '[]', null, null, null, null
);

select is(
  latchkey.introspect(tests.session_id('ann'), 0, sha256('seed')) ->> 'role',
  'authenticated', 'As in the access token'
);

select * from finish();
rollback;
