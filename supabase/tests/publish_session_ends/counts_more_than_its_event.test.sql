-- The end of a session must not fail for the lack of an audit trail.
begin;
select plan(4);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
alter table latchkey.session_events rename to session_events_away;

select lives_ok(
  $$select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'admin', null, null, null)$$,
  'A session ends though its event cannot be written'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'admin')$$,
  'It is revoked'
);
select is_empty(
  $$select from auth.sessions where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  'Supabase Auth refuses its tokens too'
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
