-- Who did it, beside whose session it was: ip and user_agent are those of the
-- sign-in. All that a column more costs is the catalogue.

alter table latchkey.session_events
  add column actor_session_id uuid,
  add column actor_ip inet;

comment on column latchkey.session_events.actor_session_id is
  'The session that asked for it; null where none did (an administrator, a policy, Supabase Auth) or it is not known.';
comment on column latchkey.session_events.actor_ip is
  'The address that asked for it, as the function saw it; null where it did not come through a function.';
