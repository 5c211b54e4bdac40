begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'session_limit', null, null, null);

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds, claims, user_data
    from latchkey.refresh(
      'aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null
    )$$,
  $$values ('revoked', 'session_limit', null::integer,
      null::integer, null::jsonb, null::jsonb)$$,
  'The reason is told to whoever holds an authentic token'
);
select is(
  (latchkey.refresh(
    'aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('guessed'), null, null
  )).outcome, 'unknown',
  'And to nobody else'
);

select * from finish();
rollback;
