-- A domain, so that a wrong value in an array is named by a constraint, and the
-- error does not quote the row with the receiver's secrets.

create domain latchkey.webhook_type as text
  constraint webhook_type_is_known check (value in (
    'session.created',
    'session.revoked',
    'session.expired',
    'session.reuse_detected',
    'session.client_changed'
  ));
comment on domain latchkey.webhook_type is
  'What a receiver can be told: the type of a webhook''s payload.';
comment on constraint webhook_type_is_known on domain latchkey.webhook_type is
  'The types that docs/webhooks.md lists.';
