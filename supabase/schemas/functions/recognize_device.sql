-- A sign-in without a device id counts as on a new device if the user has known ones:
-- otherwise a thief who leaves the id out would not be noticed.

create function latchkey.recognize_device(user_id uuid, device_hash bytea, session_id uuid)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  -- Limits what a user who signs in with a new id each time can store.
  most constant integer := 100;
  has_devices constant boolean := exists (
    select from latchkey.known_devices d where d.user_id = recognize_device.user_id
  );
  is_new boolean;
begin
  if device_hash is null then
    return not has_devices;
  end if;

  insert into latchkey.known_devices as d (user_id, device_hash, session_id)
  values (recognize_device.user_id, recognize_device.device_hash, recognize_device.session_id)
  on conflict on constraint known_devices_pkey do update set last_seen_at = now()
  returning d.session_id = recognize_device.session_id into is_new;
  if is_new and has_devices then
    delete from latchkey.known_devices d
    where d.user_id = recognize_device.user_id
      and d.device_hash in (
        select o.device_hash from latchkey.known_devices o
        where o.user_id = recognize_device.user_id
        order by o.last_seen_at desc, o.device_hash
        offset most
      );
  end if;
  return not (is_new and has_devices);
end
$$;

comment on function latchkey.recognize_device(uuid, bytea, uuid) is
  'Remembers the device on which a session starts. Returns false if the user signed in on other devices before, but not on this one. device_hash: null if the client sent no device id. Internal.';
