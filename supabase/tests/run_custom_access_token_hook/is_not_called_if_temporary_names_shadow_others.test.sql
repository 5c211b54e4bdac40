begin;
select plan(4);

-- The hook finds its table by the search path, which searches pg_temp first.
create table public.pgtap_plans (plan text);
insert into public.pgtap_plans values ('free');
create function public.pgtap_hook(event jsonb) returns jsonb language plpgsql
set search_path = public as $$
begin
  return jsonb_build_object('claims',
    event -> 'claims' || jsonb_build_object('plan', (select p.plan from pgtap_plans p)));
end
$$;
update latchkey.settings set custom_access_token_hook = 'public.pgtap_hook';
select tests.create_auth_session('ann');
prepare login as select l.claims ->> 'plan' from latchkey.login(
  tests.session_id('ann'), sha256('seed'), 'aal1', '[]', null, null, null, 'https://x/auth/v1'
) l;

create temp table pgtap_temporary (plan text);
savepoint before;
select results_eq('login', $$values ('free')$$, 'A temporary name of its own does no harm');
rollback to before;

create function pg_temp.callers_code() returns text language sql as $$select 'paid'$$;
create view pg_temp.pgtap_plans as select pg_temp.callers_code() as plan;
select throws_ok('login', '42501', null, 'Not with a view in place of the table');
drop view pg_temp.pgtap_plans;

create domain pg_temp.pgtap_plans as text;
select throws_ok('login', '42501', null, 'Not with a type in place of the table''s');
drop domain pg_temp.pgtap_plans;

create domain pg_temp.jsonb as pg_catalog.jsonb;
select throws_ok('login', '42501', null, 'Not with a type in place of a built-in one');

select * from finish();
rollback;
