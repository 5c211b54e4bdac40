create type latchkey.revoke_result as (
  outcome latchkey.revoke_outcome,
  reason latchkey.ended_reason,
  revoked integer,
  more boolean,
  max_age_seconds integer,
  database_time timestamptz
);
comment on type latchkey.revoke_result is
  'The result of revoke and revoke_by_admin. done includes the number of sessions that ended; more is true if sessions may be left for another call; reauthentication_required includes settings.revoke_max_age; revoked and expired include the reason. database_time: see clock().';
