-- A request ends many sessions of one user in batches: one call that ends 45,000
-- sessions would take longer than its caller waits.

create function latchkey.sessions_of_user(user_id uuid, but_not uuid, most integer)
returns uuid[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    (select t.session_id
    from latchkey.refresh_tokens t
    where t.user_id = sessions_of_user.user_id
      and t.session_id is distinct from but_not
      and now() < t.active_until
    limit most)
    union
    (select s.id
    from auth.sessions s
    where s.user_id = sessions_of_user.user_id and s.id is distinct from but_not
    limit most)
    limit most
  );
end
$$;

comment on function latchkey.sessions_of_user(uuid, uuid, integer) is
  'Ids of a user''s sessions, of Latchkey or only of Supabase Auth, except one, up to a limit. Internal.';
