begin;
select plan(1);
delete from latchkey.settings;
insert into latchkey.settings default values;

select results_eq(
  'select key, value from latchkey.settings s, jsonb_each_text(to_jsonb(s)) order by key',
  $$values
    ('aal1_timeout', null),
    ('absolute_timeout', '365 days'),
    ('access_token_seconds', '900'),
    ('at_session_limit', 'end_oldest'),
    ('attempts_before_delay', '5'),
    ('client_change', 'user_agent'),
    ('custom_access_token_hook', null),
    ('devices_kept', '2 years'),
    ('ended_sessions_kept', '30 days'),
    ('events_kept', '1 year'),
    ('idle_timeout', '30 days'),
    ('longest_attempt_delay', '00:15:00'),
    ('on_client_change', 'record'),
    ('require_proof', 'false'),
    ('reuse_interval_seconds', '10'),
    ('revoke_max_age', null),
    ('sessions_per_user', '1000'),
    ('singleton', 'true'),
    ('strict', 'false')$$,
  'every setting has the default of docs/configuration.md'
);

select * from finish();
rollback;
