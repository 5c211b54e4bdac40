begin;
select plan(5);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000002', sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', '192.0.2.2', 'Phone', null
);

select is(
  latchkey.revoke_token('aaaaaaaa-0000-4000-8000-000000000001', sha256('guessed'), null),
  0, 'A guessed seed'
);
select is(
  latchkey.revoke_token('aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-phone'), null),
  0, 'The seed of another session'
);
select is(latchkey.revoke_token('aaaaaaaa-0000-4000-8000-000000000001', null, null), 0, 'No seed');
select is(
  latchkey.revoke_token('ffffffff-0000-4000-8000-00000000000f', sha256('ann-laptop'), null),
  0, 'A session nobody knows'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, null::text),
    ('aaaaaaaa-0000-4000-8000-000000000002', null)$$,
  'Nothing is ended'
);

select * from finish();
rollback;
