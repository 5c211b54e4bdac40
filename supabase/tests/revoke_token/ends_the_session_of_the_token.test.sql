-- RFC 7009: whoever holds a token of the session may end it, of any generation.
begin;
select plan(4);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000002', sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', '192.0.2.2', 'Phone', null
);
select latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null);
select latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 1, sha256('ann-laptop'), null, null);

select is(
  latchkey.revoke_token('aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), null),
  1, 'One session'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'signed_out'),
    ('aaaaaaaa-0000-4000-8000-000000000002', null)$$,
  'Its holder has signed out'
);
select results_eq(
  $$select id from auth.sessions where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'
    order by id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000002'::uuid)$$,
  'In Supabase Auth too'
);
select is(
  latchkey.revoke_token('aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), null),
  0, 'Asked again there is nothing to end'
);

select * from finish();
rollback;
