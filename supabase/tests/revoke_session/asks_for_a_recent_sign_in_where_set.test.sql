begin;
select plan(4);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
select latchkey.login(
  tests.session_id('ann', 2), sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', null, null, null
);
select tests.sign_in('bob');
update latchkey.settings set revoke_max_age = '5 minutes';
select set_config('request.jwt.claims', jsonb_build_object(
  'sub', tests.get_supabase_uid('ann'),
  'session_id', tests.session_id('ann'),
  'role', 'authenticated',
  'amr', jsonb_build_array(jsonb_build_object('method', 'password', 'timestamp', extract(epoch from now())::bigint - 301))
)::text, true);
set local role authenticated;

select throws_like(
  $$select latchkey.revoke_session(tests.session_id('ann', 2)::text)$$,
  '%"reauthentication_required"%', 'Another session'
);
select throws_like(
  $$select latchkey.revoke_session(tests.session_id('bob')::text)$$,
  '%"reauthentication_required"%', 'Somebody else''s is answered alike'
);
select throws_like(
  $$select latchkey.revoke_session(tests.session_id('cat')::text)$$,
  '%"reauthentication_required"%', 'So is an unknown one'
);
reset role;

select is(
  (select count(*)::integer from latchkey.refresh_tokens
    where secret_hash in (
      tests.secret_hash('ann'), sha256('ann-phone'), tests.secret_hash('bob')
    ) and revoked_at is not null),
  0, 'Nothing has ended'
);

select * from finish();
rollback;
