begin;
select plan(81);

select is(
  tests.error_after('select', format('update latchkey.settings set %I = %L', setting, value)),
  coalesce(error, 'no error'),
  concat(
    setting, ': ', coalesce(value, 'null'), ' is ',
    case when error is null then 'accepted' else 'rejected' end
  )
)
from (values
  ('aal1_timeout', '1 minute', '3650 days', '59 seconds', '3651 days', null),
  ('absolute_timeout', '5 minutes', '3650 days', '299 seconds', '3651 days', '23502'),
  ('access_token_seconds', '60', '86400', '59', '86401', '23502'),
  ('attempts_before_delay', '1', '100', '0', '101', '23502'),
  ('devices_kept', '1 month', '100 years', '29 days', '101 years', '23502'),
  ('ended_sessions_kept', '1 day', '3650 days', '23 hours', '3651 days', '23502'),
  ('events_kept', '1 month', '100 years', '29 days', '101 years', '23502'),
  ('idle_timeout', '5 minutes', '3650 days', '299 seconds', '3651 days', '23502'),
  ('longest_attempt_delay', '1 second', '1 day', '999 milliseconds', '25 hours', '23502'),
  ('reuse_interval_seconds', '0', '60', '-1', '61', '23502'),
  ('revoke_max_age', '1 minute', '30 days', '59 seconds', '31 days', null),
  ('sessions_per_user', '1', '1000', '0', '1001', null)
) ranges (setting, lowest, highest, too_low, too_high, null_error),
  lateral (values
    (lowest, null), (highest, null), (too_low, '23514'), (too_high, '23514'), (null, null_error)
  ) cases (value, error);

create function public.pgtap_hook(event jsonb) returns jsonb language sql as 'select event';
create function public.pgtap_text(event jsonb) returns text language sql as 'select event::text';
create function public.pgtap_none() returns jsonb language sql as $$select '{}'::jsonb$$;

select is(tests.error_after('select', statement), expected, name)
from (values
  ('at_session_limit: an unknown value is rejected', '23514',
    $$update latchkey.settings set at_session_limit = 'ignore'$$),
  ('client_change: an unknown value is rejected', '22P02',
    $$update latchkey.settings set client_change = 'ip'$$),
  ('client_change: null is rejected', '23502', 'update latchkey.settings set client_change = null'),
  ('on_client_change: an unknown value is rejected', '22P02',
    $$update latchkey.settings set on_client_change = 'block'$$),
  ('on_client_change: null is rejected', '23502',
    'update latchkey.settings set on_client_change = null'),
  ('strict: null is rejected', '23502', 'update latchkey.settings set strict = null'),
  ('require_proof: null is rejected', '23502', 'update latchkey.settings set require_proof = null'),
  ('custom_access_token_hook: a function is accepted', 'no error',
    $$update latchkey.settings set custom_access_token_hook = 'public.pgtap_hook'$$),
  ('custom_access_token_hook: null is accepted', 'no error',
    'update latchkey.settings set custom_access_token_hook = null'),
  ('custom_access_token_hook: more than a name is rejected', '42601',
    $$update latchkey.settings set custom_access_token_hook = 'public.pgtap_hook($1); --'$$),
  ('a second row is rejected', '23505', 'insert into latchkey.settings default values'),
  ('a second row with another key is rejected', '23514',
    'insert into latchkey.settings (singleton) values (false)'),
  ('anon reads no settings', '42501', 'set local role anon; select from latchkey.settings'),
  ('authenticated reads no settings', '42501',
    'set local role authenticated; select from latchkey.settings'),
  ('service_role reads no settings', '42501',
    'set local role service_role; select from latchkey.settings'),
  ('service_role changes no settings', '42501',
    'set local role service_role; update latchkey.settings set reuse_interval_seconds = 60')
) cases (name, expected, statement);

select throws_like(
  format('update latchkey.settings set custom_access_token_hook = %L', hook),
  '%there is no function ' || message || '%', 'custom_access_token_hook: ' || name || ' is rejected'
)
from (values
  ('a misspelled name', 'public.pgtap_hok', 'public.pgtap_hok(jsonb)'),
  ('a function with another result', 'public.pgtap_text', ''),
  ('a function with other arguments', 'public.pgtap_none', ''),
  ('a name without a schema', 'pgtap_hook', '')
) cases (name, hook, message);
select is((select count(*)::integer from latchkey.settings), 1, 'the migration creates the row');

select * from finish();
rollback;
