begin;
select plan(4);
select tests.reset_settings();
select tests.create_auth_session('ann');
select latchkey.login(
  tests.session_id('ann'), sha256('seed'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', 'https://x/auth/v1'
);
create function public.pgtap_hook(event jsonb) returns jsonb language sql as $$
  select '{"error": {"http_code": 402, "message": "Pay first."}}'::jsonb
$$;
update latchkey.settings set custom_access_token_hook = 'public.pgtap_hook';
create temp table before as
  select * from latchkey.refresh_tokens where session_id = tests.session_id('ann');

select throws_ok(
  $$select latchkey.refresh(tests.session_id('ann'), 0, sha256('seed'), 'https://x/auth/v1', null)$$,
  'LK403', 'Pay first.', 'an error of the hook raises'
);
select results_eq(
  $$select * from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$,
  'select * from before', 'the token was not rotated'
);
create or replace function public.pgtap_hook(event jsonb) returns jsonb language sql as $$
  select jsonb_build_object('claims', event -> 'claims' || '{"plan": "gold", "exp": 99999999999}')
$$;
create temp table answer as
  select * from latchkey.refresh(tests.session_id('ann'), 0, sha256('seed'), 'https://x/auth/v1', null);
select results_eq(
  $$select outcome::text, claims ->> 'plan' from answer$$,
  $$values ('rotated', 'gold')$$, 'the hook''s claims are issued once it accepts'
);
select is(
  (select access_token_seconds from answer), 900, 'but a later exp is ignored'
);

select * from finish();
rollback;
