-- Auth keeps the sessions of a banned user, and they would work again after the ban.
begin;
select plan(4);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated'),
  ('bbbbbbbb-0000-4000-8000-000000000000', 'bob@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('bbbbbbbb-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000');
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
update auth.users set banned_until = now() + interval '1 hour'
where id = 'aaaaaaaa-0000-4000-8000-000000000000';

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id in (
      'aaaaaaaa-0000-4000-8000-000000000000',
      'bbbbbbbb-0000-4000-8000-000000000000'
    ) order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'banned'),
    ('aaaaaaaa-0000-4000-8000-000000000002', 'banned'),
    ('bbbbbbbb-0000-4000-8000-000000000001', null)$$,
  'All of that user, none of another'
);
select is_empty(
  $$select from auth.sessions where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  'In Supabase Auth too, also those that Latchkey does not manage'
);
select results_eq(
  $$select session_id, event::text, reason::text, initiating_entity::text from latchkey.session_events
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' and event <> 'session_created'
    order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'authn_token_revoked', 'banned', 'admin'),
    ('aaaaaaaa-0000-4000-8000-000000000002', 'authn_token_revoked', 'banned', 'admin')$$,
  'One event each'
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
  'Each is broadcast'
);

select * from finish();
rollback;
