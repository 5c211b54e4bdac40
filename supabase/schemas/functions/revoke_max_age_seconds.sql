-- For /revoke, which knows the access token's amr claim and not the setting.

create function latchkey.revoke_max_age_seconds()
returns integer
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select extract(epoch from s.revoke_max_age)::integer from latchkey.settings s);
end
$$;

comment on function latchkey.revoke_max_age_seconds() is
  'The setting revoke_max_age in seconds; null where there is none. Security definer: reads settings, which its callers may not.';
