-- A session that Latchkey takes over from Supabase Auth. Two tabs that adopt it
-- must get the same tokens, and the database never holds a seed: so the seed is
-- derived, from a key that only the functions have and from what stands here.

alter table latchkey.refresh_tokens
  add column adoption_nonce bytea check (octet_length(adoption_nonce) = 17);
comment on column latchkey.refresh_tokens.adoption_nonce is
  'Of an adopted session: the id of the key and the 16 random bytes that its seed is derived from. Null for a session that began at /login with a password.';

create type latchkey.adopt_result as (
  outcome text,
  reason text,
  generation integer,
  access_token_seconds integer,
  claims jsonb,
  user_data jsonb,
  adoption_nonce bytea
);
comment on type latchkey.adopt_result is
  'What adopt answers. outcome: created and repeated come with the rest filled; managed (signed in with a password here), oauth_client, banned, refused, revoked and expired come with at most a reason.';
