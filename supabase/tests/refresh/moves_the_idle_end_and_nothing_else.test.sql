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
update latchkey.refresh_tokens set
  created_at = now() - interval '9 days', expires_at = now() + interval '90 days',
  rotated_at = now() - interval '2 days', idle_expires_at = now() + interval '1 day'
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
create temp table before as
  select * from latchkey.refresh_tokens
  where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
select latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null);

select results_eq(
  $$select rotated_at between now() and clock_timestamp(), idle_expires_at
    from latchkey.refresh_tokens where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  $$values (true, now() + interval '30 days')$$,
  'The idle timeout counts anew'
);
select results_eq(
  $$select to_jsonb(t) - '{generation,rotated_at,idle_expires_at}'::text[]
    from latchkey.refresh_tokens t where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  $$select to_jsonb(b) - '{generation,rotated_at,idle_expires_at}'::text[] from before b$$,
  'Everything else stays, the absolute end first of all'
);

select * from finish();
rollback;
