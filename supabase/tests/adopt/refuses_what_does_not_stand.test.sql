begin;
select plan(7);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days',
  sessions_per_user = null, at_session_limit = 'end_oldest', custom_access_token_hook = null;
insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000');
insert into auth.users (id, email, aud, role) values
  ('bbbbbbbb-0000-4000-8000-000000000000', 'ben@pgtap.example', 'authenticated', 'authenticated');
create function pg_temp.answer(session_id uuid, user_id uuid default 'aaaaaaaa-0000-4000-8000-000000000000')
returns text language sql as $$
  select concat_ws(' ', outcome, reason) from latchkey.adopt(
    session_id, user_id, sha256('seed'), decode(repeat('00', 17), 'hex'),
    'aal1', '[]', null, null, null, null, null
  )
$$;

select is(
  pg_temp.answer('ffffffff-0000-4000-8000-00000000000f'), 'revoked signed_out',
  'A session that Auth does not have'
);
select is(
  pg_temp.answer('aaaaaaaa-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000000'), 'revoked signed_out',
  'Somebody else''s'
);
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001'::uuid], 'admin', null, null, null);
select is(pg_temp.answer('aaaaaaaa-0000-4000-8000-000000000001'), 'revoked signed_out', 'Ended before it was adopted');
select pg_temp.answer('aaaaaaaa-0000-4000-8000-000000000002');
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000002'::uuid], 'admin', null, null, null);
select is(pg_temp.answer('aaaaaaaa-0000-4000-8000-000000000002'), 'revoked admin', 'Ended here, with the reason');
update auth.sessions set not_after = now() where id = 'aaaaaaaa-0000-4000-8000-000000000003';
select is(pg_temp.answer('aaaaaaaa-0000-4000-8000-000000000003'), 'expired absolute', 'Past the end that Auth set');
update auth.sessions set not_after = now() + interval '1 day' where id = 'aaaaaaaa-0000-4000-8000-000000000003';
select pg_temp.answer('aaaaaaaa-0000-4000-8000-000000000003');
select is(
  (select expires_at from latchkey.refresh_tokens where session_id = 'aaaaaaaa-0000-4000-8000-000000000003'),
  now() + interval '1 day', 'An end that Auth set is kept'
);
update auth.users set banned_until = now() + interval '1 hour' where id = 'aaaaaaaa-0000-4000-8000-000000000000';
select is(pg_temp.answer('aaaaaaaa-0000-4000-8000-000000000003'), 'banned', 'A banned user''s');

select * from finish();
rollback;
