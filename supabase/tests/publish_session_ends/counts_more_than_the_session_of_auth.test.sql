-- Something of the app hangs on auth.sessions and refuses the deletion.
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
create function pg_temp.refuse() returns trigger language plpgsql
as 'begin raise exception ''This row stays''; end';
create trigger refuse before delete on auth.sessions
  for each row execute function pg_temp.refuse();

select lives_ok(
  $$select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'admin', null, null, null)$$,
  'A session ends though Supabase Auth keeps its row'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'admin')$$,
  'It is revoked'
);
select is(
  (select count(*) from realtime.messages
   where topic in (
     'session:aaaaaaaa-0000-4000-8000-000000000001',
     'user:aaaaaaaa-0000-4000-8000-000000000000'
   )),
  2::bigint, 'It is broadcast'
);

select * from finish();
rollback;
