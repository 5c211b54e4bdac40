-- Signed out between the answer of Supabase Auth and the call of Latchkey.
begin;
select plan(3);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds, claims, user_data
    from latchkey.login(
      'aaaaaaaa-0000-4000-8000-000000000001', sha256('seed'), 'aal1', '[]', null, null, null, null
    )$$,
  $$values ('unknown', null::text, null::integer, null::integer, null::jsonb, null::jsonb)$$,
  'A session that Supabase Auth does not have is not started'
);
select is_empty(
  $$select from latchkey.refresh_tokens
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  'It leaves no row'
);
select is_empty(
  $$select from latchkey.session_events
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  'It leaves no event'
);

select * from finish();
rollback;
