create type latchkey.initiating_entity as enum (
  'admin',
  'user',
  'policy',
  'system'
);
comment on type latchkey.initiating_entity is
  'Who ended a session, in the words of CAEP.';
