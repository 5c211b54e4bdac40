create type latchkey.revoke_result as (
  outcome latchkey.revoke_outcome,
  reason latchkey.ended_reason,
  revoked integer,
  more boolean,
  max_age_seconds integer,
  database_time timestamptz
);
comment on type latchkey.revoke_result is
  'What revoke and revoke_by_admin return. done comes with the number of sessions ended, and more where there may be sessions left for a further call; reauthentication_required comes with settings.revoke_max_age; revoked and expired come with the reason. database_time: see clock().';
