begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated'),
  ('bbbbbbbb-0000-4000-8000-000000000000', 'bob@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('bbbbbbbb-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000002', sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', '192.0.2.2', 'Phone', null
);
select latchkey.login(
  'bbbbbbbb-0000-4000-8000-000000000001', sha256('bob-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
delete from auth.sessions where user_id = 'aaaaaaaa-0000-4000-8000-000000000000';

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id in (
      'aaaaaaaa-0000-4000-8000-000000000000',
      'bbbbbbbb-0000-4000-8000-000000000000'
    ) order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'signed_out'),
    ('aaaaaaaa-0000-4000-8000-000000000002', 'signed_out'),
    ('bbbbbbbb-0000-4000-8000-000000000001', null)$$,
  'Every session of the user'
);
select results_eq(
  $$select topic, count(*) from realtime.messages
    where topic in (
      'session:aaaaaaaa-0000-4000-8000-000000000001',
      'session:aaaaaaaa-0000-4000-8000-000000000002',
      'user:aaaaaaaa-0000-4000-8000-000000000000',
      'user:bbbbbbbb-0000-4000-8000-000000000000'
    )
    group by topic order by topic$$,
  $$values ('session:aaaaaaaa-0000-4000-8000-000000000001', 1::bigint),
      ('session:aaaaaaaa-0000-4000-8000-000000000002', 1),
      ('user:aaaaaaaa-0000-4000-8000-000000000000', 2)$$,
  'Each is told of'
);

select * from finish();
rollback;
