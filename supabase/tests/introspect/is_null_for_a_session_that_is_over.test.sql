begin;
select plan(5);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
select is(latchkey.introspect(tests.session_id('ann'), 0, sha256('another')), null, 'Another seed');
select is(latchkey.introspect(tests.session_id('cat'), 0, tests.secret_hash('ann')), null, 'A session nobody knows');
update auth.users set banned_until = now() + interval '1 hour'
where id = tests.get_supabase_uid('ann');
select is(latchkey.introspect(tests.session_id('ann'), 0, tests.secret_hash('ann')), null, 'A banned user''s');
update latchkey.refresh_tokens set revoked_at = null, revoked_reason = null
where session_id = tests.session_id('ann');
update auth.users set banned_until = null
where id = tests.get_supabase_uid('ann');
insert into auth.sessions (id, user_id) values
  (tests.session_id('ann'), tests.get_supabase_uid('ann'))
on conflict do nothing;
update latchkey.refresh_tokens set idle_expires_at = now()
where session_id = tests.session_id('ann');
select is(latchkey.introspect(tests.session_id('ann'), 0, tests.secret_hash('ann')), null, 'One that has run out');
update latchkey.refresh_tokens set idle_expires_at = now() + interval '1 hour'
where session_id = tests.session_id('ann');
select tests.end_session('ann', 1, 'user');
select is(latchkey.introspect(tests.session_id('ann'), 0, tests.secret_hash('ann')), null, 'One that was revoked');

select * from finish();
rollback;
