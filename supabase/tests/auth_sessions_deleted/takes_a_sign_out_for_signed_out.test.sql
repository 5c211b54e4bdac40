-- Supabase Auth signs out by deleting the row.
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
delete from auth.sessions where id = 'aaaaaaaa-0000-4000-8000-000000000001';

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'signed_out'),
    ('aaaaaaaa-0000-4000-8000-000000000002', null)$$,
  'That session, and no other'
);
select results_eq(
  $$select event::text, reason::text, initiating_entity::text from latchkey.session_events
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001' and event <> 'session_created'$$,
  $$values ('authn_token_revoked', 'signed_out', 'user')$$,
  'It is one event'
);
select results_eq(
  $$select topic, payload ->> 'reason' from realtime.messages
    where topic in (
      'session:aaaaaaaa-0000-4000-8000-000000000001',
      'user:aaaaaaaa-0000-4000-8000-000000000000'
    )
    order by topic$$,
  $$values ('session:aaaaaaaa-0000-4000-8000-000000000001', 'signed_out'),
      ('user:aaaaaaaa-0000-4000-8000-000000000000', 'signed_out')$$,
  'It is broadcast'
);

select * from finish();
rollback;
