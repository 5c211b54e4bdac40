begin;
select plan(3);

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
set local role authenticated;

select set_config('request.jwt.claims', jsonb_build_object(
  'sub', 'aaaaaaaa-0000-4000-8000-000000000000',
  'session_id', 'aaaaaaaa-0000-4000-8000-000000000001',
  'role', 'authenticated',
  'amr', null::text
)::text, true);
select throws_like(
  $$select latchkey.revoke_session('aaaaaaaa-0000-4000-8000-000000000002')$$,
  '%"reauthentication_required"%', 'No amr'
);
select set_config('request.jwt.claims', jsonb_build_object(
  'sub', 'aaaaaaaa-0000-4000-8000-000000000000',
  'session_id', 'aaaaaaaa-0000-4000-8000-000000000001',
  'role', 'authenticated',
  'amr', '["pwd"]'::jsonb
)::text, true);
select throws_like(
  $$select latchkey.revoke_session('aaaaaaaa-0000-4000-8000-000000000002')$$,
  '%"reauthentication_required"%', 'Methods without a time'
);
select set_config('request.jwt.claims', jsonb_build_object(
  'sub', 'aaaaaaaa-0000-4000-8000-000000000000',
  'session_id', 'aaaaaaaa-0000-4000-8000-000000000001',
  'role', 'authenticated',
  'amr', '[{"method": "password", "timestamp": "9999999999"}]'::jsonb
)::text, true);
select throws_like(
  $$select latchkey.revoke_session('aaaaaaaa-0000-4000-8000-000000000002')$$,
  '%"reauthentication_required"%', 'A time that is no number'
);
reset role;

select * from finish();
rollback;
