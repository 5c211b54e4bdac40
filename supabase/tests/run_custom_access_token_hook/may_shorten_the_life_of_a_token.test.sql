begin;
select plan(6);
create function pg_temp.exp_of(exp numeric) returns numeric language plpgsql as $$
begin
  -- The hook reads it from here.
  perform set_config('pgtap.exp', exp::text, true);
  return (latchkey.run_custom_access_token_hook(
    'public.pgtap_hook',
    '{"claims": {
      "aal": "aal1", "aud": "authenticated", "email": "", "phone": "", "is_anonymous": false,
      "role": "authenticated", "session_id": "s", "sub": "u", "iat": 1000, "exp": 1900
    }}'
  ) ->> 'exp')::numeric;
end
$$;
create function public.pgtap_hook(event jsonb) returns jsonb language sql as $$
  select jsonb_set(event, '{claims,exp}', current_setting('pgtap.exp')::jsonb)
$$;
create function public.pgtap_unchanged(event jsonb) returns jsonb language sql as 'select event';

select is(pg_temp.exp_of(1300), 1300::numeric, 'the hook may shorten the life of the token');
select is(
  pg_temp.exp_of(1300.75), 1300::numeric,
  'a fraction of a second, as extract(epoch from …) returns, is cut off'
);
select is(pg_temp.exp_of(1e30), 1900::numeric, 'it may not prolong it');
select throws_ok(
  'select pg_temp.exp_of(1000)', 'P0001',
  'the custom access token hook set exp to a time that has passed',
  'the time of issue is rejected: a client would request the next token at once, for ever'
);
select throws_ok(
  'select pg_temp.exp_of(0)', 'P0001',
  'the custom access token hook set exp to a time that has passed',
  'a time long ago is rejected'
);

-- The session ends now, so the token that the hook receives has already expired.
select is(
  latchkey.run_custom_access_token_hook(
    'public.pgtap_unchanged',
    '{"claims": {
      "aal": "aal1", "aud": "authenticated", "email": "", "phone": "", "is_anonymous": false,
      "role": "authenticated", "session_id": "s", "sub": "u", "iat": 1000, "exp": 1000
    }}'
  ) ->> 'exp', '1000', 'a hook that changes nothing is accepted even then'
);

select * from finish();
rollback;
