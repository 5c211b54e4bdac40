-- Without a key Supabase Auth would verify no second factor.
begin;
select plan(1);
select tests.reset_settings();
select tests.sign_in('ann');

select matches(
  (select refresh_token_hmac_key from auth.sessions where id = tests.session_id('ann')),
  '^[A-Za-z0-9_-]{43}$', '32 bytes in base64url, as Supabase Auth reads them'
);

select * from finish();
rollback;
