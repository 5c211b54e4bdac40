-- The deletion in auth.sessions may have failed: the revocation counts alone.
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
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'admin', null, null, null);
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');

select results_eq(
  $$select outcome::text, reason::text, claims from latchkey.refresh(
      'aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null
    )$$,
  $$values ('revoked', 'admin', null::jsonb)$$,
  'What Latchkey ended has ended'
);
select is(
  (select generation from latchkey.refresh_tokens
   where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'),
  0, 'Nothing is rotated'
);

select * from finish();
rollback;
