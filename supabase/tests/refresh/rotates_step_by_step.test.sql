begin;
select plan(4);

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
  $$select outcome::text, reason::text, generation, access_token_seconds
    from latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null)$$,
  $$values ('rotated', null::text, 1, 900)$$,
  'The first token gets the second'
);
select is(
  (latchkey.refresh(
    'aaaaaaaa-0000-4000-8000-000000000001', 1, sha256('ann-laptop'), null, null
  )).generation,
  2, 'The second gets the third'
);
select is(
  (latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 2, sha256('ann-laptop'), null, null)).outcome,
  'rotated', 'And so on'
);
select results_eq(
  $$select generation, secret_hash, revoked_at
    from latchkey.refresh_tokens where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  $$values (3, sha256('ann-laptop'), null::timestamptz)$$,
  'The session is still one row with the same seed'
);

select * from finish();
rollback;
