-- The only definition of an active row. It takes columns and not the row, because the
-- view sessions calls it as the user, and users may not read all columns.

create function latchkey.is_active(
  revoked_at timestamptz,
  expires_at timestamptz,
  idle_expires_at timestamptz
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return revoked_at is null and now() < least(expires_at, idle_expires_at);
end
$$;

comment on function latchkey.is_active(timestamptz, timestamptz, timestamptz) is
  'Whether a session with these columns of refresh_tokens is neither revoked nor expired.';
