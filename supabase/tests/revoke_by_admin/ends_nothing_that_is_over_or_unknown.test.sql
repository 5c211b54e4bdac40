begin;
select plan(6);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'user', null, null, null);

select is(
  (latchkey.revoke_by_admin('aaaaaaaa-0000-4000-8000-000000000000', null, 'admin', null)).revoked,
  0, 'A user without sessions that stand'
);
select is(
  (latchkey.revoke_by_admin(null, 'aaaaaaaa-0000-4000-8000-000000000001', 'admin', null)).revoked,
  0, 'A session that is over'
);
select is(
  (latchkey.revoke_by_admin('ffffffff-0000-4000-8000-00000000000f', null, 'admin', null)).revoked,
  0, 'A user nobody knows'
);
select is(
  (latchkey.revoke_by_admin(null, 'ffffffff-0000-4000-8000-00000000000f', 'admin', null)).revoked,
  0, 'A session nobody knows'
);
select is((latchkey.revoke_by_admin(null, null, 'admin', null)).revoked, 0, 'Neither');
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'user')$$,
  'The first reason stays'
);

select * from finish();
rollback;
