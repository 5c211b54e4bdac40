-- The broadcast is an accelerator and may be lost.
begin;
select plan(5);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
do $$
begin
  drop function realtime.send(jsonb, text, text, boolean);
exception when insufficient_privilege then
  -- A hosted project does not let go of it: then no message can be stored.
  create function pg_temp.refuse() returns trigger language plpgsql
  as 'begin raise exception ''No message today''; end';
  create trigger refuse before insert on realtime.messages
    for each row execute function pg_temp.refuse();
end
$$;

select lives_ok(
  $$select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'admin', null, null, null)$$,
  'A session ends though nobody can be told'
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
select results_eq(
  $$select event::text, reason::text from latchkey.session_events
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001' and event <> 'session_created'$$,
  $$values ('authn_token_revoked', 'admin')$$,
  'The event is written'
);
select is_empty(
  $$select from realtime.messages
    where topic in (
      'session:aaaaaaaa-0000-4000-8000-000000000001',
      'user:aaaaaaaa-0000-4000-8000-000000000000'
    )$$,
  'Nobody was told'
);

select * from finish();
rollback;
