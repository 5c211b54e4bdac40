begin;
select plan(1);

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
update latchkey.settings set revoke_max_age = '5 minutes';
select set_config('request.jwt.claims', jsonb_build_object(
  'sub', 'aaaaaaaa-0000-4000-8000-000000000000',
  'session_id', 'aaaaaaaa-0000-4000-8000-000000000001',
  'role', 'authenticated',
  'amr', '[{"method": "otp", "timestamp": 1}, "pwd"]'::jsonb || jsonb_build_array(jsonb_build_object('method', 'password', 'timestamp', extract(epoch from now())::bigint - 299))
)::text, true);
set local role authenticated;

select is(
  latchkey.revoke_session('aaaaaaaa-0000-4000-8000-000000000002'),
  true, 'The newest of the methods counts'
);
reset role;

select * from finish();
rollback;
