create type latchkey.disavow_result as (
  outcome latchkey.disavow_outcome,
  revoked integer,
  more boolean,
  database_time timestamptz
);
comment on type latchkey.disavow_result is
  'The result of disavow. done includes the number of sessions that ended; more is true if sessions may be left for another call. database_time: see clock().';
