begin;
select plan(1);

select tests.reset_settings();
select tests.create_auth_session('ann');
select tests.create_auth_session('ann', 2);
select tests.create_auth_session('ann', 3);
insert into auth.sessions (id, user_id) values (tests.session_id('ann', 4), tests.get_supabase_uid('ann'));
select tests.login('ann');
select tests.login('ann', 2);
select tests.login('ann', 3);
update latchkey.settings set sessions_per_user = 1, at_session_limit = 'refuse';
update latchkey.refresh_tokens set expires_at = now() where session_id = tests.session_id('ann');
update latchkey.refresh_tokens set idle_expires_at = now() where session_id = tests.session_id('ann', 2);
select tests.end_session('ann', 3, 'user');

select is(
  (latchkey.login(tests.session_id('ann', 4), sha256('four'), 'aal1', '[]', null, null, null, null)).outcome,
  'created', 'Not those that have run out or were ended'
);

select * from finish();
rollback;
