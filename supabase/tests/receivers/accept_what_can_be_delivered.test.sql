begin;
select plan(40);

-- Adds a receiver and returns the constraint that refuses it, or 'accepted'.
create function pg_temp.add(receiver text) returns text language plpgsql as $$
declare
  violated text;
begin
  execute 'insert into latchkey.receivers ' || receiver;
  return 'accepted';
exception when check_violation then
  get stacked diagnostics violated = constraint_name;
  return violated;
end
$$;

select is(
  pg_temp.add(format($$(url, audience) values (%L, 'a')$$, url)), expected, url
)
from (values
  ('http://one.example/', 'receiver_url_is_https_or_this_machine'),
  ('ftp://one.example/', 'receiver_url_is_https_or_this_machine'),
  ('https://', 'receiver_url_is_https_or_this_machine'),
  ('https://user:secret@one.example/', 'receiver_url_is_https_or_this_machine'),
  ('http://localhost.example/', 'receiver_url_is_https_or_this_machine'),
  ('javascript:alert(1)', 'receiver_url_is_https_or_this_machine'),
  ('https://one.example:8443/events?a=b', 'accepted'), ('http://127.0.0.1:8080/events', 'accepted')
) cases (url, expected);
select is(
  pg_temp.add(format(
    $$(url, format, secrets) values ('https://one.example/', 'standard_webhooks', %L)$$, secrets
  )), expected, name
)
from (values
  ('a secret of 24 bytes', array['whsec_' || encode(repeat('x', 24)::bytea, 'base64')], 'accepted'),
  ('a secret of 31 bytes', array['whsec_' || encode(repeat('x', 31)::bytea, 'base64')], 'accepted'),
  ('a secret of 64 bytes',
    array['whsec_' || replace(encode(repeat('x', 64)::bytea, 'base64'), E'\n', '')], 'accepted'),
  ('two secrets', array[tests.webhook_secret('a'), tests.webhook_secret('b')], 'accepted'),
  ('no secret', '{}', 'standard_webhooks_has_secrets'),
  ('no secret but null', array[null], 'receivers_secrets_check'),
  ('a good secret and a bad one', array[tests.webhook_secret('a'), 'b'],
    'webhook_secret_is_whsec_and_base64_of_24_to_64_bytes'),
  ('23 bytes', array['whsec_' || encode(repeat('x', 23)::bytea, 'base64')],
    'webhook_secret_is_whsec_and_base64_of_24_to_64_bytes'),
  ('65 bytes', array['whsec_' || replace(encode(repeat('x', 65)::bytea, 'base64'), E'\n', '')],
    'webhook_secret_is_whsec_and_base64_of_24_to_64_bytes'),
  ('no prefix', array[repeat('a', 32)], 'webhook_secret_is_whsec_and_base64_of_24_to_64_bytes'),
  ('the prefix of a private key', array['whsk_' || repeat('a', 32)],
    'webhook_secret_is_whsec_and_base64_of_24_to_64_bytes'),
  ('base64url', array['whsec_' || repeat('a_-b', 8)],
    'webhook_secret_is_whsec_and_base64_of_24_to_64_bytes'),
  ('no padding', array['whsec_' || repeat('a', 34)],
    'webhook_secret_is_whsec_and_base64_of_24_to_64_bytes'),
  ('a line break at the end', array[tests.webhook_secret('a') || E'\n'],
    'webhook_secret_is_whsec_and_base64_of_24_to_64_bytes')
) cases (name, secrets, expected);
select is(
  pg_temp.add(format(
    $$(url, format, events, audience, secrets) values ('https://one.example/', %L, %L, %L, %L)$$,
    format, events, audience, array[tests.webhook_secret('a')]
  )), expected, name
)
from (values
  ('webhooks of every type', 'standard_webhooks',
    '{session.created,session.revoked,session.expired,session.reuse_detected,session.client_changed}',
    null, 'accepted'),
  ('an unknown type', 'standard_webhooks', '{session.created,session.ended}', null,
    'webhook_type_is_known'),
  ('no type', 'standard_webhooks', '{}', null, 'receiver_has_events'),
  ('no type but null', 'standard_webhooks', '{null}', null, 'receiver_has_events'),
  ('caep without an audience', 'caep', '{session.revoked}', null, 'caep_has_audience'),
  ('caep with an empty audience', 'caep', '{session.revoked}', '', 'receivers_audience_check'),
  ('caep with other events', 'caep', '{session.created}', 'a', 'caep_gets_only_revocations'),
  ('caep with more events', 'caep', '{session.revoked,session.created}', 'a',
    'caep_gets_only_revocations')
) cases (name, format, events, audience, expected);
select is(
  (select events::text from latchkey.receivers where url = 'http://127.0.0.1:8080/events'),
  '{session.revoked}', 'a receiver gets revocations unless it says more'
);
select doesnt_match(
  tests.error_message(format(
    $$insert into latchkey.receivers (url, format, secrets)
      values ('https://one.example/', 'standard_webhooks', array[%L, 'bad'])$$,
    tests.webhook_secret('a')
  )), 'aaaa', 'the error does not quote a secret'
);
select is(
  tests.error_after('set local role ' || role, statement), '42501', role || ' may not ' || statement
)
from unnest(array['anon', 'authenticated', 'service_role']) role, unnest(array[
    'select from latchkey.receivers', 'select from latchkey.outbox',
    'select latchkey.take_notices(1, null)'
  ]) statement
where (role, statement) <> ('service_role', 'select latchkey.take_notices(1, null)');

select * from finish();
rollback;
