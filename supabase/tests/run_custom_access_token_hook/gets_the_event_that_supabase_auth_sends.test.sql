begin;
select plan(2);
select tests.reset_settings();
select tests.create_auth_session('ann');
create table public.pgtap_seen (event jsonb);
create function public.pgtap_hook(event jsonb) returns jsonb language plpgsql as $$
begin
  insert into public.pgtap_seen values (event);
  return jsonb_build_object('claims', event -> 'claims');
end
$$;
update latchkey.settings set custom_access_token_hook = 'public.pgtap_hook';
create temp table answer as select * from latchkey.login(
  tests.session_id('ann'), sha256('seed'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', 'https://x/auth/v1'
);

select results_eq(
  $$select array(select jsonb_object_keys(event) order by 1), event ->> 'user_id',
      event ->> 'authentication_method', event -> 'metadata' ->> 'name',
      event -> 'metadata' ->> 'ip_address' from public.pgtap_seen$$,
  $$values (array['authentication_method', 'claims', 'metadata', 'user_id'],
    tests.get_supabase_uid('ann')::text, 'password', 'customize-access-token', '192.0.2.1')$$,
  'the event has these keys, and the hook may write'
);
select is(
  (select event -> 'claims' from public.pgtap_seen), (select claims from answer),
  'claims that it does not change remain'
);

select * from finish();
rollback;
