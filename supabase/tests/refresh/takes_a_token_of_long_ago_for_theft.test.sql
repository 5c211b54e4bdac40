-- Every older generation is recognised, at no storage.
begin;
select plan(2);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
update latchkey.refresh_tokens set generation = 100000
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select is(
  (latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 7, sha256('ann-laptop'), null, null)).outcome,
  'reused', 'A token is recognised for as long as its session stands'
);
select is(
  (select revoked_reason from latchkey.refresh_tokens
   where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'),
  'reuse', 'The session is revoked'
);

select * from finish();
rollback;
