create function latchkey.is_banned(banned_until timestamptz)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(banned_until > now(), false);
end
$$;

comment on function latchkey.is_banned(timestamptz) is
  'Whether a user with this auth.users.banned_until is banned now. Internal.';
