-- Whoever knows a session id alone must not be able to end the session.
begin;
select plan(5);

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
create temp table before as
  select * from latchkey.refresh_tokens
  where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds, claims, user_data
    from latchkey.refresh(
      'aaaaaaaa-0000-4000-8000-000000000001', 2, sha256('guessed'), null, null
    )$$,
  $$values ('unknown', null::text, null::integer, null::integer, null::jsonb, null::jsonb)$$,
  'The current generation with another seed is unknown'
);
select is(
  (latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('guessed'), null, null)).outcome,
  'unknown', 'An older generation with another seed is no reuse'
);
select is(
  (latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 2, null, null, null)).outcome,
  'unknown', 'No seed at all does not fall open'
);
select results_eq(
  $$select * from latchkey.refresh_tokens
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  'select * from before', 'The session has not changed'
);
select is(
  (latchkey.refresh(
    'aaaaaaaa-0000-4000-8000-000000000001', 2, sha256('ann-laptop'), null, null
  )).outcome, 'rotated', 'It goes on'
);

select * from finish();
rollback;
