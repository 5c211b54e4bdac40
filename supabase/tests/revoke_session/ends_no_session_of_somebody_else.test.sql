begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated'),
  ('bbbbbbbb-0000-4000-8000-000000000000', 'bob@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('bbbbbbbb-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.login(
  'bbbbbbbb-0000-4000-8000-000000000001', sha256('bob-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "session_id": "aaaaaaaa-0000-4000-8000-000000000001"}';
set local role authenticated;

select is(
  latchkey.revoke_session('bbbbbbbb-0000-4000-8000-000000000001'),
  false, 'There is nothing to end, as for one that never was'
);
reset role;
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id in (
      'aaaaaaaa-0000-4000-8000-000000000000',
      'bbbbbbbb-0000-4000-8000-000000000000'
    ) order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, null::text),
    ('bbbbbbbb-0000-4000-8000-000000000001', null)$$,
  'Nothing is ended'
);

select * from finish();
rollback;
