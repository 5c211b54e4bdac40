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
select latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 1, sha256('ann-laptop'), null, null);
update latchkey.refresh_tokens set expires_at = now()
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds, claims, user_data
    from latchkey.refresh(
      'aaaaaaaa-0000-4000-8000-000000000001', 2, sha256('ann-laptop'), null, null
    )$$,
  $$values ('expired', 'absolute', null::integer, null::integer, null::jsonb, null::jsonb)$$,
  'At its absolute end a session has expired'
);
select is(
  (latchkey.refresh(
    'aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null
  )).outcome, 'expired',
  'An older token of an expired session is no theft'
);
select results_eq(
  $$select generation, revoked_at from latchkey.refresh_tokens
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  $$values (2, null::timestamptz)$$,
  'Nothing is rotated and nothing revoked'
);

select * from finish();
rollback;
