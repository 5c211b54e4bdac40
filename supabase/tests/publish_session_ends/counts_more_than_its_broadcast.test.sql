-- The broadcast is an accelerator and may be lost.
begin;
select plan(5);

select tests.sign_in('ann');
do $$
begin
  drop function realtime.send(jsonb, text, text, boolean);
exception when insufficient_privilege then
  -- A hosted project does not let go of it: then no message can be stored.
  create function pg_temp.refuse() returns trigger language plpgsql
  as 'begin raise exception ''No message today''; end';
  create trigger refuse before insert on realtime.messages
    for each row execute function pg_temp.refuse();
end
$$;

select lives_ok(
  $$select tests.end_session('ann')$$,
  'A session ends though nobody can be told'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'admin')$$,
  'It is revoked'
);
select is_empty(
  $$select from auth.sessions where user_id = tests.get_supabase_uid('ann')$$,
  'Supabase Auth refuses its tokens too'
);
select results_eq(
  $$select event::text, reason::text from latchkey.session_events
    where session_id = tests.session_id('ann') and event <> 'session_created'$$,
  $$values ('authn_token_revoked', 'admin')$$,
  'The event is written'
);
select is_empty(
  $$select from realtime.messages
    where topic in (
      'session:' || tests.session_id('ann'),
      'user:' || tests.get_supabase_uid('ann')
    )$$,
  'Nobody was told'
);

select * from finish();
rollback;
