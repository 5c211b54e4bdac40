begin;
select plan(3);

select tests.sign_in('ann');
alter table latchkey.session_events rename to session_events_away;
do $$
begin
  drop function realtime.send(jsonb, text, text, boolean);
exception when insufficient_privilege then
  null;  -- A hosted project does not let go of it.
end
$$;

select lives_ok(
  $$update auth.users set banned_until = now() + interval '1 hour'
    where id = tests.get_supabase_uid('ann')$$,
  'A ban needs neither the audit trail nor Realtime'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'banned')$$,
  'It ends the session all the same'
);
select is_empty(
  $$select from auth.sessions where user_id = tests.get_supabase_uid('ann')$$,
  'In Supabase Auth too'
);

select * from finish();
rollback;
