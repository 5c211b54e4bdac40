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

select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      tests.session_id('ann'), tests.get_supabase_uid('ann'), null, 'global', null, null
    )$$,
  $$values ('done', null::text, 2)$$,
  'Neither the event nor the broadcast can stop it'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'signed_out'),
    (tests.session_id('ann', 2), 'user')$$,
  'All are ended'
);
select is_empty(
  $$select from auth.sessions where user_id = tests.get_supabase_uid('ann')$$,
  'In Supabase Auth too'
);

select * from finish();
rollback;
