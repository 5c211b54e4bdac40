begin;
select plan(4);
select tests.reset_settings();
select tests.create_supabase_user('ann');
delete from latchkey.known_devices;
insert into latchkey.known_devices (user_id, device_hash, session_id, last_seen_at)
select tests.get_supabase_uid('ann'), sha256(age::bytea), tests.session_id('ann'), now() - age::interval
from unnest(array['1 day', '729 days', '732 days', '3 years', '4 years']) age;

select is(tests.after(change, format('select latchkey.prune_devices(%s)', batch)),
  expected, name)
from (values
  ('devices that were not seen for two years', 5000, 'select', '3'),
  ('one batch', 1, 'select', '1'),
  ('after the time in the settings', 5000, $$update latchkey.settings set devices_kept = '3 years'$$, '1')
) cases (name, batch, change, expected);
select latchkey.prune_devices(2);
select is(
  (select string_agg(extract(day from now() - last_seen_at)::text, ', ' order by last_seen_at desc)
   from latchkey.known_devices),
  '1, 729, 732', 'the oldest first'
);

select * from finish();
rollback;
