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
  '[{"method": "password", "timestamp": 1}]', 'Safari', null, null, null
);
insert into auth.users (id, email, aud, role) values
  ('bbbbbbbb-0000-4000-8000-000000000000', 'bob@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('bbbbbbbb-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000000');
select latchkey.login(
  'bbbbbbbb-0000-4000-8000-000000000001', sha256('bob-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
update latchkey.settings set revoke_max_age = '5 minutes';
select set_config('request.jwt.claims', jsonb_build_object(
  'sub', 'aaaaaaaa-0000-4000-8000-000000000000',
  'session_id', 'aaaaaaaa-0000-4000-8000-000000000001',
  'role', 'authenticated',
  'amr', jsonb_build_array(jsonb_build_object('method', 'password', 'timestamp', extract(epoch from now())::bigint - 301))
)::text, true);
set local role authenticated;

select throws_like(
  $$select latchkey.revoke_session('aaaaaaaa-0000-4000-8000-000000000002')$$,
  '%"reauthentication_required"%', 'Another session'
);
select throws_like(
  $$select latchkey.revoke_session('bbbbbbbb-0000-4000-8000-000000000001')$$,
  '%"reauthentication_required"%', 'Somebody else''s is answered alike'
);
select throws_like(
  $$select latchkey.revoke_session('cccccccc-0000-4000-8000-000000000001')$$,
  '%"reauthentication_required"%', 'So is an unknown one'
);
reset role;

select is(
  (select count(*)::integer from latchkey.refresh_tokens
    where secret_hash in (
      sha256('ann-laptop'), sha256('ann-phone'), sha256('bob-laptop')
    ) and revoked_at is not null),
  0, 'Nothing has ended'
);

select * from finish();
rollback;
