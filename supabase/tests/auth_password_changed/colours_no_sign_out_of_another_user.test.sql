begin;
select plan(1);

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
update auth.users set encrypted_password = 'new'
where id = 'aaaaaaaa-0000-4000-8000-000000000000';
delete from auth.sessions where id = 'bbbbbbbb-0000-4000-8000-000000000001';

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id in (
      'aaaaaaaa-0000-4000-8000-000000000000',
      'bbbbbbbb-0000-4000-8000-000000000000'
    ) order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, null::text),
    ('bbbbbbbb-0000-4000-8000-000000000001', 'signed_out')$$,
  'Another user signs out in the same transaction'
);

select * from finish();
rollback;
