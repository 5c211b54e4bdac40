-- Removes Latchkey from a database, and keeps what is the owner's.
-- docs/leaving.md says when to run it. Run it as role postgres.
--
-- It is one statement, so either all of it happens or nothing. Policies of the
-- owner that call latchkey.session_active() call public.session_active()
-- afterwards, which this script creates. If anything else of the owner still
-- uses Latchkey, it stops with a list: `drop schema … cascade` would drop those
-- objects with no more than a notice, and a table without policies refuses
-- every request.

do $remove$
declare
  own_policy constant text := 'realtime.messages.Latchkey: users listen on their own channels';
  managed_sessions uuid[];
  policy record;
  grantee record;
  job record;
  dependants text[];
  replaced boolean := false;
  previous_path constant text := current_setting('search_path');
begin
  if to_regnamespace('latchkey') is null then
    raise notice 'There is no schema latchkey in this database.';
    return;
  end if;
  -- So that pg_get_expr() names the schema of everything.
  perform set_config('search_path', 'pg_catalog, pg_temp', true);

  for policy in
    select p.polname as name, p.polrelid::regclass as "table",
      replace(pg_get_expr(p.polqual, p.polrelid), 'latchkey.session_active()', 'public.session_active()') as "using",
      replace(pg_get_expr(p.polwithcheck, p.polrelid), 'latchkey.session_active()', 'public.session_active()') as "check"
    from pg_policy p
    join pg_class c on c.oid = p.polrelid
    where c.relnamespace <> 'latchkey'::regnamespace
      and p.polrelid::regclass::text || '.' || p.polname <> own_policy
      and exists (
        select from pg_depend d
        where d.classid = 'pg_policy'::regclass and d.objid = p.oid
          and d.refclassid = 'pg_proc'::regclass
          and d.refobjid = 'latchkey.session_active()'::regprocedure
      )
  loop
    if not replaced then
      if to_regprocedure('public.session_active()') is not null then
        raise exception 'public.session_active() exists already. Rename it, then run this again. Nothing was changed.';
      end if;
      -- What latchkey.session_active() returns for a session that Latchkey does
      -- not manage.
      create function public.session_active()
      returns boolean
      language sql
      stable
      security definer
      set search_path = pg_catalog, pg_temp
      as $function$
        select exists (
          select from auth.sessions s
          join auth.users u on u.id = s.user_id
          where s.id = case
              when auth.jwt() ->> 'session_id' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
              then (auth.jwt() ->> 'session_id')::uuid
            end
            and u.deleted_at is null
            and (u.banned_until is null or u.banned_until <= now())
        )
      $function$;
      comment on function public.session_active() is
        'True while Supabase Auth has the caller''s session; for policies. Security definer: reads auth.sessions, which its callers may not.';
      revoke all on function public.session_active() from public, anon, authenticated, service_role;
      for grantee in
        select distinct a.grantee::regrole::text as role
        from pg_proc f, aclexplode(f.proacl) a
        where f.oid = 'latchkey.session_active()'::regprocedure
          and a.grantee <> f.proowner and a.grantee <> 0
      loop
        execute format('grant execute on function public.session_active() to %s', grantee.role);
      end loop;
      replaced := true;
    end if;
    execute format('alter policy %I on %s', policy.name, policy."table")
      || coalesce(' using (' || policy."using" || ')', '')
      || coalesce(' with check (' || policy."check" || ')', '');
  end loop;

  if to_regclass('cron.job') is not null then
    for job in
      execute $sql$
        select jobname from cron.job where jobname in ('latchkey-upkeep', 'latchkey-deliver')
      $sql$
    loop
      execute format('select cron.unschedule(%L)', job.jobname);
    end loop;
  end if;

  if exists (
    select from pg_db_role_setting s
    where s.setrole = to_regrole('authenticator') and s.setdatabase = 0
      and 'pgrst.db_pre_request=latchkey.check_request' = any (s.setconfig)
  ) then
    alter role authenticator reset pgrst.db_pre_request;
  end if;

  -- Everything outside of the schema that depends on something in it.
  with ours as (
    select 'pg_namespace'::regclass as classid, 'latchkey'::regnamespace::oid as objid
    union all select 'pg_class'::regclass, oid from pg_class where relnamespace = 'latchkey'::regnamespace
    union all select 'pg_type'::regclass, oid from pg_type where typnamespace = 'latchkey'::regnamespace
    union all select 'pg_proc'::regclass, oid from pg_proc where pronamespace = 'latchkey'::regnamespace
    union all select 'pg_constraint'::regclass, oid from pg_constraint where connamespace = 'latchkey'::regnamespace
  ),
  found as (
    select distinct d.classid, d.objid, d.objsubid,
      -- The schema that the object, or the table it belongs to, is in.
      case d.classid
        when 'pg_class'::regclass then (select relnamespace from pg_class where oid = d.objid)
        when 'pg_type'::regclass then (select typnamespace from pg_type where oid = d.objid)
        when 'pg_proc'::regclass then (select pronamespace from pg_proc where oid = d.objid)
        when 'pg_constraint'::regclass then (select connamespace from pg_constraint where oid = d.objid)
        when 'pg_attrdef'::regclass then (select c.relnamespace from pg_attrdef a join pg_class c on c.oid = a.adrelid where a.oid = d.objid)
        when 'pg_rewrite'::regclass then (select c.relnamespace from pg_rewrite r join pg_class c on c.oid = r.ev_class where r.oid = d.objid)
        when 'pg_trigger'::regclass then (select c.relnamespace from pg_trigger t join pg_class c on c.oid = t.tgrelid where t.oid = d.objid)
        when 'pg_policy'::regclass then (select c.relnamespace from pg_policy p join pg_class c on c.oid = p.polrelid where p.oid = d.objid)
      end as namespace
    from pg_depend d
    join ours on ours.classid = d.refclassid and ours.objid = d.refobjid
    -- Default privileges in the schema end with it.
    where d.classid <> 'pg_default_acl'::regclass
  )
  select array_agg(description order by description) into dependants
  from (
    select pg_describe_object(classid, objid, objsubid) as description
    from found
    where namespace is distinct from 'latchkey'::regnamespace
      and namespace is distinct from 'pg_toast'::regnamespace
      and not (classid = 'pg_policy'::regclass and exists (
        select from pg_policy where oid = objid and polrelid::regclass::text || '.' || polname = own_policy
      ))
      and not (classid = 'pg_trigger'::regclass and exists (
        select from pg_trigger where oid = objid and (tgisinternal or tgname like 'latchkey\_auth\_%')
      ))
    union all
    -- PostgreSQL does not know what the body of such a function calls.
    select pg_describe_object('pg_proc'::regclass, oid, 0) || ', whose body names latchkey'
    from pg_proc
    where pronamespace not in ('latchkey'::regnamespace, 'pg_catalog'::regnamespace)
      and prosrc ~* '\mlatchkey\M"?\s*\.'
  ) as listed;
  if dependants is not null then
    raise exception using
      message = E'These objects use Latchkey. Change or drop them, then run this again. Nothing was changed.\n- '
        || array_to_string(dependants, E'\n- ');
  end if;

  managed_sessions := array(select session_id from latchkey.refresh_tokens where revoked_at is null);
  -- With its triggers on Supabase Auth's tables and its policy on
  -- realtime.messages: nothing else is left.
  drop schema latchkey cascade;
  -- Supabase Auth could not refresh them: their refresh tokens were Latchkey's.
  delete from auth.sessions where id = any (managed_sessions);
  if to_regrole('latchkey_functions') is not null then
    drop role latchkey_functions;
  end if;

  perform set_config('search_path', previous_path, true);
  notify pgrst, 'reload config';
  notify pgrst, 'reload schema';
end
$remove$;
