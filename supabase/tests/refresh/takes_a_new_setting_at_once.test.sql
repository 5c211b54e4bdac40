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
select latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null);
update latchkey.refresh_tokens set rotated_at = now() - interval '30 seconds'
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
update latchkey.settings set
  reuse_interval_seconds = 60, access_token_seconds = 120, idle_timeout = '1 hour';

select results_eq(
  $$select outcome::text, access_token_seconds from latchkey.refresh(
      'aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null
    )$$,
  $$values ('repeated', 120)$$,
  'The interval and the life of the access token'
);
select is(
  (latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 1, sha256('ann-laptop'), null, null)).outcome,
  'rotated', 'The session goes on'
);
select is(
  (select idle_expires_at from latchkey.refresh_tokens
   where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'),
  now() + interval '1 hour', 'The idle timeout counts at the next rotation'
);

select * from finish();
rollback;
