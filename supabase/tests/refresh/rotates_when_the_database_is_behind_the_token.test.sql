-- The database was restored from a backup: the holder has the newest token.
begin;
select plan(3);

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

select results_eq(
  $$select outcome::text, generation from latchkey.refresh(
      'aaaaaaaa-0000-4000-8000-000000000001', 7, sha256('ann-laptop'), null, null
    )$$,
  $$values ('rotated', 8)$$,
  'A token ahead of the database rotates from its own generation'
);
select is(
  (select generation from latchkey.refresh_tokens
   where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'),
  8, 'The database has caught up'
);
select is(
  (latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 3, sha256('ann-laptop'), null, null)).outcome,
  'reused', 'What lies between counts as older from now on'
);

select * from finish();
rollback;
