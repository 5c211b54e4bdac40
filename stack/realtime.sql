-- The database side of Realtime, as a hosted project has it: the table of
-- messages, whose policies decide who may read and send them, and the functions
-- that apps call. Realtime makes the table's partitions and its publication when
-- the first client joins a channel.

create schema if not exists realtime authorization supabase_admin;
comment on schema realtime is
  'Realtime messages and the functions that send them.';
grant usage on schema realtime to
  postgres, anon, authenticated, service_role, supabase_realtime_admin;

create table realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  id uuid not null default gen_random_uuid(),
  binary_payload bytea,
  primary key (id, inserted_at)
) partition by range (inserted_at);
comment on table realtime.messages is
  'Messages on their way to clients. Its select policies say who may join a private channel, its insert policies who may send there.';
alter table realtime.messages owner to supabase_realtime_admin;
alter table realtime.messages enable row level security;
grant all on realtime.messages to postgres;
grant select, insert, update on realtime.messages to
  anon, authenticated, service_role;

create function realtime.topic() returns text
language sql
stable
set search_path = pg_catalog, pg_temp
return nullif(current_setting('realtime.topic', true), '');
comment on function realtime.topic() is
  'The channel that is being joined or sent to, for policies on realtime.messages; null outside of one.';
alter function realtime.topic() owner to supabase_realtime_admin;

-- A failure is only a warning, as on a hosted project, because a trigger that
-- broadcasts must not roll back the change that it reports.
create function realtime.send(
  payload jsonb,
  event text,
  topic text,
  private boolean default true
) returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  message_id constant uuid := gen_random_uuid();
begin
  perform set_config('realtime.topic', send.topic, true);
  insert into realtime.messages (id, topic, extension, event, payload, private)
  values (
    message_id,
    send.topic,
    'broadcast',
    send.event,
    case
      when send.payload ? 'id' then send.payload
      else jsonb_set(send.payload, '{id}', to_jsonb(message_id))
    end,
    send.private
  );
exception when others then
  raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end
$$;
comment on function realtime.send(jsonb, text, text, boolean) is
  'Broadcasts an event with a payload to the clients on a topic, once the transaction commits. Never fails: what goes wrong is a warning.';
alter function realtime.send(jsonb, text, text, boolean)
  owner to supabase_realtime_admin;
