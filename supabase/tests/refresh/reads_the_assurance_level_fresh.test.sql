begin;
select plan(3);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days',
  sessions_per_user = null, at_session_limit = 'end_oldest', custom_access_token_hook = null;
insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('seed'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);

update auth.sessions set aal = 'aal2' where id = 'aaaaaaaa-0000-4000-8000-000000000001';
select is(
  (latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('seed'), null, null)).claims ->> 'aal',
  'aal2', 'A verified factor'
);
select is(
  (select aal from latchkey.refresh_tokens where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'),
  'aal2', 'The list of sessions says so too'
);
update auth.sessions set aal = 'aal1' where id = 'aaaaaaaa-0000-4000-8000-000000000001';
select is(
  (latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 1, sha256('seed'), null, null)).claims ->> 'aal',
  'aal1', 'And its removal'
);

select * from finish();
rollback;
