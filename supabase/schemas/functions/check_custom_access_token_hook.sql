-- With a misspelt name, nobody could sign in.

create function latchkey.check_custom_access_token_hook()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from pg_catalog.pg_proc p
    where p.oid = to_regprocedure(new.custom_access_token_hook || '(jsonb)')
      and p.prorettype = 'jsonb'::regtype
      and not p.proretset
  ) then
    raise exception 'custom_access_token_hook: there is no function %(jsonb) that returns jsonb',
      new.custom_access_token_hook
      using errcode = 'invalid_parameter_value',
        hint = 'Create the function first, then set its name with its schema, as in public.custom_access_token_hook.';
  end if;
  return new;
end
$$;

comment on function latchkey.check_custom_access_token_hook() is
  'Trigger: refuses the name of a hook that does not exist.';

create trigger custom_access_token_hook_exists
  before insert or update on latchkey.settings
  for each row
  when (new.custom_access_token_hook is not null)
  execute function latchkey.check_custom_access_token_hook();
comment on trigger custom_access_token_hook_exists on latchkey.settings is
  'Refuses a hook that does not exist when it is set, instead of at the next sign-in.';
