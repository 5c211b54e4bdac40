-- A domain, so that the error for a wrong URL does not quote the row with the
-- receiver's secrets.

create domain latchkey.receiver_url as text
  constraint receiver_url_is_https_or_this_machine check (
    value ~ '^https://[^/@?#]+([/?]|$)'
    or value ~ '^http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?([/?]|$)'
  );
comment on domain latchkey.receiver_url is
  'Where a receiver listens, without user name and password.';
comment on constraint receiver_url_is_https_or_this_machine on domain latchkey.receiver_url is
  'Notices are sent over https only, except on this machine.';
