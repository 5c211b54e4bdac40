-- It ended by itself, before now.
begin;
select plan(3);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
update latchkey.refresh_tokens set expires_at = now()
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
delete from latchkey.refresh_tokens where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select results_eq(
  $$select event::text, reason::text, initiating_entity::text from latchkey.session_events
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001' and event <> 'session_created'$$,
  $$values ('session_expired', 'expired', 'policy')$$,
  'The event says so'
);
select is_empty(
  $$select from realtime.messages
    where topic in (
      'session:aaaaaaaa-0000-4000-8000-000000000001',
      'user:aaaaaaaa-0000-4000-8000-000000000000'
    )$$,
  'There is no news to send'
);
select is_empty(
  $$select from auth.sessions where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  'The session of Supabase Auth goes with it'
);

select * from finish();
rollback;
