-- Revokes the sessions that Supabase Auth deletes itself. The triggers auth_… run
-- inside Auth's own statements, as Auth's role. An error in them must not make a
-- sign-in, a sign-out or a password change fail. So each body is one block that
-- catches all errors, and none waits long for a lock. None names a column in its
-- definition, because then an upgrade of Auth could not alter that column. (A trigger
-- on another owner's table cannot have a comment, so the functions have one.)

create function latchkey.auth_sessions_deleted()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
as $$
declare
  ended record;
begin
  for ended in
    select array_agg(d.id) as session_ids, case
        when u.id is null or u.deleted_at is not null then 'user_deleted'
        when current_setting('latchkey.password_changed_by', true) = d.user_id::text
          then 'password_changed'
        else 'signed_out'
      end::latchkey.revoked_reason as reason
    from deleted d
    left join auth.users u on u.id = d.user_id
    group by 2
  loop
    perform latchkey.revoke_tokens(ended.session_ids, ended.reason, null, null, null);
  end loop;
  return null;
exception when others then
  raise warning 'latchkey: sessions that Auth ended were not revoked: %', sqlerrm;
  return null;
end
$$;

comment on function latchkey.auth_sessions_deleted() is
  'Trigger on auth.sessions: sessions that Supabase Auth deletes (sign-out, password change, deleted user) are revoked, with the reason. Security definer: runs as Auth''s role, which may not write refresh_tokens.';

create or replace trigger latchkey_auth_sessions_deleted
  after delete on auth.sessions
  referencing old table as deleted
  for each statement
  execute function latchkey.auth_sessions_deleted();
