-- Signed out between the answer of Supabase Auth and the call of Latchkey.
begin;
select plan(3);

select tests.create_supabase_user('ann');

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds, claims, user_data
    from latchkey.login(
      tests.session_id('ann'), sha256('seed'), 'aal1', '[]', null, null, null, null
    )$$,
  $$values ('unknown', null::text, null::integer, null::integer, null::jsonb, null::jsonb)$$,
  'A session that Supabase Auth does not have is not started'
);
select is_empty(
  $$select from latchkey.refresh_tokens
    where session_id = tests.session_id('ann')$$,
  'It leaves no row'
);
select is_empty(
  $$select from latchkey.session_events
    where session_id = tests.session_id('ann')$$,
  'It leaves no event'
);

select * from finish();
rollback;
