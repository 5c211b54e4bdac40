-- Of this session, not of the user: two devices may differ.
begin;
select plan(1);

select tests.create_auth_session('ann');
select latchkey.login(
  tests.session_id('ann'), sha256('seed'), 'aal2',
  '[{"method": "totp", "timestamp": 2}, {"method": "password", "timestamp": 1}]',
  null, null, null, null
);

select results_eq(
  $$select c ->> 'aal', c -> 'amr'
    from latchkey.refresh_tokens t join auth.users u on u.id = t.user_id, latchkey.settings s,
      latchkey.claims(t, u, s, 'https://x/auth/v1', 'password') c
    where t.session_id = tests.session_id('ann')$$,
  $$values ('aal2',
      '[{"method": "totp", "timestamp": 2}, {"method": "password", "timestamp": 1}]'::jsonb)$$,
  'Assurance level and methods'
);

select * from finish();
rollback;
