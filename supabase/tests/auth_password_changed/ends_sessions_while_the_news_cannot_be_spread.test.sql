begin;
select plan(3);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
alter table latchkey.session_events rename to session_events_away;
do $$
begin
  drop function realtime.send(jsonb, text, text, boolean);
exception when insufficient_privilege then
  null;  -- A hosted project does not let go of it.
end
$$;

select lives_ok(
  $$update auth.users set encrypted_password = 'new'
    where id = tests.get_supabase_uid('ann')$$,
  'A password change needs neither the audit trail nor Realtime'
);
select lives_ok(
  $$delete from auth.sessions where id = tests.session_id('ann', 2)$$,
  'Nor does the end of the other sessions'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), null::text),
    (tests.session_id('ann', 2), 'password_changed')$$,
  'They are revoked all the same'
);

select * from finish();
rollback;
