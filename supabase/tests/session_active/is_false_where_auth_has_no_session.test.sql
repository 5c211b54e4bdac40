begin;
select plan(1);

select tests.create_supabase_user('ann');
insert into latchkey.refresh_tokens
  (session_id, user_id, secret_hash, expires_at, idle_expires_at) values
  (tests.session_id('ann'), tests.get_supabase_uid('ann'), sha256('ann-laptop'),
   now() + interval '1 day', now() + interval '1 day');
select tests.authenticate_as('ann');

select is((select latchkey.session_active()), false, 'What Supabase Auth ended has ended');

reset role;

select * from finish();
rollback;
