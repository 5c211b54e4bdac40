begin;
select plan(4);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);

set local request.jwt.claims = '{"sub": "aaaaaaaa-0000-4000-8000-000000000000"}';
set local role authenticated;
select is(
  latchkey.revoke_session('aaaaaaaa-0000-4000-8000-000000000001'),
  false, 'A token that names no session'
);
select is(latchkey.revoke_session(null), false, 'And no target');
set local role anon;
select throws_ok(
  $$select latchkey.revoke_session('aaaaaaaa-0000-4000-8000-000000000001')$$,
  '42501', null, 'Somebody who is not signed in may not ask'
);
reset role;
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, null::text)$$,
  'Nothing is ended'
);

select * from finish();
rollback;
