begin;
select plan(3);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000002', sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', '192.0.2.2', 'Phone', null
);

select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', null, 'others', null, null
    )$$,
  $$values ('revoked', 'signed_out', null::integer)$$,
  'A session nobody knows'
);
select is(
  (latchkey.revoke(
    null, 'aaaaaaaa-0000-4000-8000-000000000000', null, 'global', null, null
  )).outcome, 'revoked',
  'No session at all'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000002'::uuid, null::text)$$,
  'Nothing is ended'
);

select * from finish();
rollback;
