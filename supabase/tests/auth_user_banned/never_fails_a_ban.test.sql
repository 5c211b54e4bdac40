begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
create or replace function latchkey.end_sessions(session_ids uuid[], reason latchkey.revoked_reason, revoked_by latchkey.initiating_entity default null, revoked_by_session_id uuid default null, revoked_by_ip text default null)
returns integer language plpgsql as 'begin raise exception ''broken''; end';

select lives_ok(
  $$update auth.users set banned_until = now() + interval '1 hour'
    where id = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  'A user is banned while Latchkey is broken'
);
select is(
  (select banned_until from auth.users where id = 'aaaaaaaa-0000-4000-8000-000000000000'),
  now() + interval '1 hour', 'The ban stands'
);

select * from finish();
rollback;
