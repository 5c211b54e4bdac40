-- Auth keeps the sessions of a banned user, so they would work again when the ban
-- ends. In Latchkey, a ban ends them.

create function latchkey.auth_user_banned()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
as $$
begin
  if new.banned_until is not distinct from old.banned_until
    or (new.banned_until > now()) is not true then
    return null;
  end if;
  perform latchkey.end_sessions(
    latchkey.sessions_of_user(new.id, null, null), 'banned', null, null, null
  );
  return null;
exception when others then
  raise warning 'latchkey: the sessions of a banned user were not ended: %', sqlerrm;
  return null;
end
$$;

comment on function latchkey.auth_user_banned() is
  'Trigger on auth.users: a ban ends every session of the user. Security definer: runs as Auth''s role, which may not write refresh_tokens.';

create or replace trigger latchkey_auth_user_banned
  after update on auth.users
  for each row
  execute function latchkey.auth_user_banned();
