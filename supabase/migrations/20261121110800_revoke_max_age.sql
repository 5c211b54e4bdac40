-- Ending other sessions can ask for a recent sign-in, as OWASP ASVS does: who
-- finds an unlocked device should not sign its owner out everywhere else.

alter table latchkey.settings add column revoke_max_age interval
  check (revoke_max_age between interval '1 minute' and interval '30 days');

comment on column latchkey.settings.revoke_max_age is
  'A user who ends another session than the calling one must have authenticated within this time. Null asks for nothing. Signing out oneself always works.';
