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
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'user', null, null, null);
delete from latchkey.refresh_tokens where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select results_eq(
  $$select event::text, reason::text from latchkey.session_events
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001' and event <> 'session_created'$$,
  $$values ('authn_token_revoked', 'user')$$,
  'A session ends once'
);
select is(
  (select count(*) from realtime.messages
   where topic in (
     'session:aaaaaaaa-0000-4000-8000-000000000001',
     'user:aaaaaaaa-0000-4000-8000-000000000000'
   )),
  2::bigint, 'And is broadcast once'
);

select * from finish();
rollback;
