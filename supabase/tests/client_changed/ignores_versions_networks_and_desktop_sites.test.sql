begin;
select plan(20);

create function pg_temp.changed(
  client_change text, before_client text, before_country text, client text, country text,
  on_client_change text default 'record'
)
returns boolean language sql as $$
  select latchkey.client_changed(
    jsonb_populate_record(null::latchkey.refresh_tokens, jsonb_build_object(
      'client', before_client, 'country', before_country
    )),
    jsonb_populate_record(null::latchkey.settings, jsonb_build_object(
      'client_change', client_change, 'on_client_change', on_client_change
    )),
    client, country
  );
$$;

select is(
  pg_temp.changed(client_change, before_client, before_country, client, country), expected, name
)
from (values
  ('the same client', 'user_agent', 'Chrome on Windows', 'DE', 'Chrome on Windows', 'DE', false),
  ('another browser', 'user_agent', 'Chrome on Windows', null, 'Firefox on Windows', null, true),
  ('another platform', 'user_agent', 'Chrome on Windows', null, 'Chrome on Linux', null, true),
  ('a program', 'user_agent', 'Chrome on Windows', null, 'curl', null, true),
  ('no User-Agent header any more', 'user_agent', 'Chrome on Windows', null, null, null, true),
  ('the first known client', 'user_agent', null, null, 'Chrome on Windows', null, false),
  ('a client that never sends the header', 'user_agent', null, null, null, null, false),
  ('the desktop site on a phone with Android', 'user_agent', 'Chrome on Android', null,
    'Chrome on Linux', null, false),
  ('the mobile site again on an iPad', 'user_agent', 'Safari on macOS', null, 'Safari on iOS', null,
    false),
  ('another browser on the desktop site', 'user_agent', 'Chrome on Android', null,
    'Firefox on Linux', null, true),
  ('a phone of another kind', 'user_agent', 'Chrome on Android', null, 'Chrome on iOS', null, true),
  ('another country does not count by default', 'user_agent', 'Chrome on Windows', 'DE',
    'Chrome on Windows', 'US', false),
  ('another country', 'country', 'Chrome on Windows', 'DE', 'Chrome on Windows', 'US', true),
  ('another browser where only the country counts', 'country', 'Chrome on Windows', 'DE', 'curl',
    'DE', false),
  ('a country that is not known now', 'country', 'Chrome on Windows', 'DE', 'Chrome on Windows',
    null, false),
  ('a country that was not known', 'country', 'Chrome on Windows', null, 'Chrome on Windows', 'DE',
    false),
  ('either: another country', 'both', 'Chrome on Windows', 'DE', 'Chrome on Windows', 'US', true),
  ('either: another browser', 'both', 'Chrome on Windows', 'DE', 'curl', 'DE', true),
  ('either: none', 'both', 'Chrome on Windows', 'DE', 'Chrome on Windows', 'DE', false)
) cases (name, client_change, before_client, before_country, client, country, expected);
select is(
  pg_temp.changed('both', 'Chrome on Windows', 'DE', 'curl', 'US', 'ignore'), false,
  'nothing is a change where changes are ignored'
);

select * from finish();
rollback;
