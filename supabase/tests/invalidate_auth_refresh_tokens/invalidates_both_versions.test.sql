begin;
select plan(2);
select tests.reset_settings();
select tests.create_auth_session('ann');
select tests.create_auth_session('ann', 2);
update auth.sessions set refresh_token_hmac_key = 'key', refresh_token_counter = 7;
insert into auth.refresh_tokens (id, token, user_id, session_id, revoked, created_at, updated_at) values
  ('900000001', 'pgtapaaaaaaa', tests.get_supabase_uid('ann'), tests.session_id('ann'), false, now(), now()),
  ('900000002', 'pgtapbbbbbbb', tests.get_supabase_uid('ann'), tests.session_id('ann', 2), false, now(), now()),
  ('900000003', 'pgtapccccccc', tests.get_supabase_uid('ann'), tests.session_id('ann'), true, now(), now());
select tests.login('ann');

select results_eq(
  $$select id, refresh_token_counter < 0, refresh_token_hmac_key from auth.sessions
    where user_id::text = tests.get_supabase_uid('ann')::text order by id$$,
  $$values (tests.session_id('ann'), true, 'key'), (tests.session_id('ann', 2), false, 'key')$$,
  'version 2: a negative counter makes every token an old one'
);
select results_eq(
  $$select token::text, revoked, updated_at < now() - interval '1 year' from auth.refresh_tokens
    where user_id::text = tests.get_supabase_uid('ann')::text order by token$$,
  $$values ('pgtapaaaaaaa', true, true), ('pgtapbbbbbbb', false, false), ('pgtapccccccc', true, true)$$,
  'version 1: revoked longer ago than any reuse interval, also a token that Supabase Auth had just replaced'
);

select * from finish();
rollback;
