-- One transaction of Supabase Auth: the new password, then the other sessions.
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
update auth.users set encrypted_password = 'new'
where id = 'aaaaaaaa-0000-4000-8000-000000000000';
delete from auth.sessions
where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' and id <> 'aaaaaaaa-0000-4000-8000-000000000001';

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, null::text),
    ('aaaaaaaa-0000-4000-8000-000000000002', 'password_changed')$$,
  'The other device, and not the one that changed it'
);
select results_eq(
  $$select event::text, reason::text, initiating_entity::text from latchkey.session_events
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000002' and event <> 'session_created'$$,
  $$values ('authn_token_revoked', 'password_changed', 'user')$$,
  'It is one event'
);
select results_eq(
  $$select topic, payload ->> 'session_id', payload ->> 'reason' from realtime.messages
    where topic in (
      'session:aaaaaaaa-0000-4000-8000-000000000001',
      'session:aaaaaaaa-0000-4000-8000-000000000002',
      'user:aaaaaaaa-0000-4000-8000-000000000000'
    ) order by topic$$,
  $$values
    ('session:aaaaaaaa-0000-4000-8000-000000000002',
      'aaaaaaaa-0000-4000-8000-000000000002', 'password_changed'),
    ('user:aaaaaaaa-0000-4000-8000-000000000000',
      'aaaaaaaa-0000-4000-8000-000000000002', 'password_changed')$$,
  'It is broadcast'
);

select * from finish();
rollback;
