-- The audit trail's partitions: this month's and the next three are created ahead, and
-- those older than settings.events_kept are dropped.
--
-- Both lock the table against writers for a moment. The function waits only briefly
-- for that lock, because writers queue behind it. If it cannot get the lock, it
-- raises an error and changes nothing, and events go to the default partition until
-- the next call.

create function latchkey.prepare_partitions()
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
set timezone = 'UTC'
as $$
declare
  this_month constant timestamptz := date_trunc('month', now());
  month timestamptz;
  name text;
  changed integer := 0;
begin
  for month in
    select generate_series(this_month, this_month + interval '3 months', interval '1 month')
  loop
    name := 'session_events_' || to_char(month, 'YYYY_MM');
    continue when to_regclass('latchkey.' || name) is not null;
    -- No event of that month may be written between the move and the attachment.
    lock table latchkey.session_events_default in access exclusive mode;
    execute format(
      'create table latchkey.%I
        (like latchkey.session_events including defaults including constraints)', name
    );
    execute format('alter table latchkey.%I enable row level security', name);
    -- A project's default privileges may have given the API roles access to it.
    execute format(
      'revoke all on latchkey.%I
        from public, anon, authenticated, service_role, latchkey_functions', name
    );
    execute format(
      'comment on table latchkey.%I is %L', name, 'Events of ' || to_char(month, 'FMMonth YYYY') || '.'
    );
    execute format(
      'with moved as (
        delete from latchkey.session_events_default
        where created_at >= %2$L and created_at < %3$L
        returning *
      )
      insert into latchkey.%1$I select * from moved',
      name, month, month + interval '1 month'
    );
    execute format(
      'alter table latchkey.session_events
        attach partition latchkey.%I for values from (%L) to (%L)',
      name, month, month + interval '1 month'
    );
    changed := changed + 1;
  end loop;

  for name in
    select c.relname
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    cross join latchkey.settings s
    where i.inhparent = 'latchkey.session_events'::regclass
      and c.relname ~ '^session_events_[0-9]{4}_[0-9]{2}$'
      and to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= now() - s.events_kept
    order by c.relname
  loop
    execute format('drop table latchkey.%I', name);
    changed := changed + 1;
  end loop;
  return changed;
end
$$;

comment on function latchkey.prepare_partitions() is
  'Creates the audit trail''s partitions of this month and the next three, drops those older than settings.events_kept, and returns how many it created and dropped. Raises lock_not_available if the table is busy: try again. Internal: part of the upkeep.';
