begin;
select plan(2);

select tests.sign_in('ann');
alter table latchkey.session_events rename to session_events_away;
create or replace function latchkey.end_sessions(session_ids uuid[], reason latchkey.revoked_reason, revoked_by latchkey.initiating_entity default null, revoked_by_session_id uuid default null, revoked_by_ip text default null)
returns integer language plpgsql as 'begin raise exception ''broken''; end';

select lives_ok(
  $$delete from auth.users where id = tests.get_supabase_uid('ann')$$,
  'A user can be deleted while Latchkey is broken'
);
select is_empty(
  $$select from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann')$$,
  'The sessions are gone'
);

select * from finish();
rollback;
