begin;
select plan(2);

select tests.sign_in('ann');
create or replace function latchkey.end_sessions(session_ids uuid[], reason latchkey.revoked_reason, revoked_by latchkey.initiating_entity default null, revoked_by_session_id uuid default null, revoked_by_ip text default null)
returns integer language plpgsql as 'begin raise exception ''broken''; end';

select lives_ok(
  $$update auth.users set banned_until = now() + interval '1 hour'
    where id = tests.get_supabase_uid('ann')$$,
  'A user is banned while Latchkey is broken'
);
select is(
  (select banned_until from auth.users where id = tests.get_supabase_uid('ann')),
  now() + interval '1 hour', 'The ban stands'
);

select * from finish();
rollback;
