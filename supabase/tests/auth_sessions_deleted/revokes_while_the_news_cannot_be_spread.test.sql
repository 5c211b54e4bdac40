begin;
select plan(2);

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
  $$delete from auth.sessions where id = tests.session_id('ann')$$,
  'A sign-out needs neither the audit trail nor Realtime'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'signed_out')$$,
  'It is revoked all the same'
);

select * from finish();
rollback;
