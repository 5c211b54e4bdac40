create type latchkey.receiver_format as enum (
  'caep',
  'standard_webhooks'
);
comment on type latchkey.receiver_format is
  'How a receiver gets its notices. caep: Security Event Tokens, signed with the project''s key; standard_webhooks: Standard Webhooks, signed with a secret of the receiver.';
