-- Everything that Latchkey owns is in this schema. It is exposed to the Data API
-- (config.toml, [api] schemas), so that an app lists and ends its sessions with
-- plain supabase-js. grants.sql says what each role may do here.

create schema latchkey;
comment on schema latchkey is
  'Latchkey: revocable sessions on top of Supabase Auth.';
