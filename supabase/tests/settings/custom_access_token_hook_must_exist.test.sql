begin;
select plan(7);

create function public.pgtap_hook(event jsonb) returns jsonb language sql as 'select event';
create function public.pgtap_text(event jsonb) returns text language sql as 'select event::text';
create function public.pgtap_none() returns jsonb language sql as $$select '{}'::jsonb$$;

select lives_ok($$update latchkey.settings set custom_access_token_hook = 'public.pgtap_hook'$$, 'A function');
select lives_ok($$update latchkey.settings set custom_access_token_hook = null$$, 'None');
select throws_like($$update latchkey.settings set custom_access_token_hook = 'public.pgtap_hok'$$,
  '%there is no function public.pgtap_hok(jsonb)%', 'A typing error');
select throws_like($$update latchkey.settings set custom_access_token_hook = 'public.pgtap_text'$$,
  '%there is no function%', 'Another result');
select throws_like($$update latchkey.settings set custom_access_token_hook = 'public.pgtap_none'$$,
  '%there is no function%', 'Other arguments');
select throws_like($$update latchkey.settings set custom_access_token_hook = 'pgtap_hook'$$,
  '%there is no function%', 'No schema');
select throws_ok($$update latchkey.settings set custom_access_token_hook = 'public.pgtap_hook($1); --'$$,
  '42601', null, 'More than a name');

select * from finish();
rollback;
