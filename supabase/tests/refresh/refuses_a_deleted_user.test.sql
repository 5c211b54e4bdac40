-- A soft deletion that left the sessions standing.
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
update auth.users set deleted_at = now() where id = 'aaaaaaaa-0000-4000-8000-000000000000';

select results_eq(
  $$select outcome::text, reason::text, claims from latchkey.refresh(
      'aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null
    )$$,
  $$values ('revoked', 'user_deleted', null::jsonb)$$,
  'A deleted user gets no token'
);
select is(
  (select revoked_reason from latchkey.refresh_tokens
   where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'),
  'user_deleted', 'The session is ended now'
);

select * from finish();
rollback;
