create type latchkey.revoke_result as (
  outcome text,
  reason text,
  revoked integer
);
comment on type latchkey.revoke_result is
  'What revoke returns. outcome: done with the number of sessions ended, forbidden, oauth_client, or the state of a caller whose own session is not active.';
