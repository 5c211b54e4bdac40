begin;
select plan(3);

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
select latchkey.revoke_by_admin(null, 'aaaaaaaa-0000-4000-8000-000000000001', 'session_limit', null);

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'session_limit'),
    ('aaaaaaaa-0000-4000-8000-000000000002', null)$$,
  'Any reason of the vocabulary'
);
select results_eq(
  $$select e.reason::text, e.initiating_entity::text, m.payload ->> 'initiating_entity'
    from latchkey.session_events e
    join realtime.messages m on m.topic = 'session:' || e.session_id
    where e.session_id = 'aaaaaaaa-0000-4000-8000-000000000001' and e.reason is not null$$,
  $$values ('session_limit', 'admin', 'admin')$$,
  'And it was an administrator who gave it'
);
select throws_ok(
  $$select latchkey.revoke_by_admin(null, 'aaaaaaaa-0000-4000-8000-000000000002', 'because', null)$$,
  '22P02', null, 'And no other: a bug of the caller'
);

select * from finish();
rollback;
