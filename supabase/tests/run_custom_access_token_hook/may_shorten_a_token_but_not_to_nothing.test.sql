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

select is(pg_temp.exp_of(1300), 1300::numeric, 'It may shorten it');
select is(
  pg_temp.exp_of(1300.75), 1300::numeric,
  'To the fraction of a second that extract(epoch from …) gives, which is cut off'
);
select is(pg_temp.exp_of(1e30), 1900::numeric, 'It may not prolong it');
select throws_ok(
  'select pg_temp.exp_of(1000)', 'P0001',
  'the custom access token hook set exp to a time that has passed',
  'A client that got a token without any life would ask for the next at once, for ever'
);
select throws_ok(
  'select pg_temp.exp_of(0)', 'P0001',
  'the custom access token hook set exp to a time that has passed',
  'Nor to a time long ago'
);

-- The session ends now, so the token that the hook gets has no life either.
select is(
  latchkey.run_custom_access_token_hook(
    'public.pgtap_unchanged',
    '{"claims": {
      "aal": "aal1", "aud": "authenticated", "email": "", "phone": "", "is_anonymous": false,
      "role": "authenticated", "session_id": "s", "sub": "u", "iat": 1000, "exp": 1000
    }}'
  ) ->> 'exp', '1000', 'A hook that changes nothing is not blamed for it'
);

select * from finish();
rollback;
