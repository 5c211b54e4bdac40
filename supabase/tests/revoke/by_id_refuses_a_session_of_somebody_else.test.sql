begin;
select plan(3);

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

select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', null, null,
      'bbbbbbbb-0000-4000-8000-000000000001', null
    )$$,
  $$values ('forbidden', null::text, null::integer)$$,
  'Forbidden'
);
select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', null, null,
      'ffffffff-0000-4000-8000-00000000000f', null
    )$$,
  $$values ('forbidden', null::text, null::integer)$$,
  'And one that never was is answered alike'
);
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
