-- The trigger on auth.sessions never fails a sign-out, so it may miss one.
begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
insert into latchkey.refresh_tokens
  (session_id, user_id, secret_hash, expires_at, idle_expires_at) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', sha256('one'),
   now() + interval '1 day', now() + interval '1 day');
update latchkey.settings set sessions_per_user = 1, at_session_limit = 'refuse';

select is(
  (latchkey.login(
    'aaaaaaaa-0000-4000-8000-000000000002', sha256('two'), 'aal1', '[]', null, null, null, null
  )).outcome::text,
  'created', 'A session that only the trigger missed does not count'
);

select * from finish();
rollback;
