create type latchkey.client_change as enum (
  'user_agent',
  'country',
  'both'
);
comment on type latchkey.client_change is
  'What counts as a change of client. user_agent: another browser or another platform, not another version; country: the country of the address; both: either of the two.';
