-- Whether check_request() lets sessions through that Latchkey does not manage.

alter table latchkey.settings add column strict boolean not null default false;

comment on column latchkey.settings.strict is
  'Where check_request() is in use: refuse signed-in callers whose session Latchkey does not manage. Turn it on once every sign-in goes through /login.';
