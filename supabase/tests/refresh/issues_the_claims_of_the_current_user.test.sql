begin;
select plan(11);
select tests.reset_settings();
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');

select is(
  tests.after(change, format($$select %s from tests.refresh('ann', 0)$$, claim)), expected, name
)
from (values
  ('a changed email', $$update auth.users set email = 'new@pgtap.example' where id = tests.get_supabase_uid('ann')$$,
    $$claims ->> 'email'$$, 'new@pgtap.example'),
  ('a changed email, in the user', $$update auth.users set email = 'new@pgtap.example' where id = tests.get_supabase_uid('ann')$$,
    $$user_data ->> 'email'$$, 'new@pgtap.example'),
  ('a changed role', $$update auth.users set role = 'editor' where id = tests.get_supabase_uid('ann')$$, $$claims ->> 'role'$$, 'editor'),
  ('a changed phone', $$update auth.users set phone = '15550100' where id = tests.get_supabase_uid('ann')$$, $$claims ->> 'phone'$$, '15550100'),
  ('changed app metadata', $$update auth.users set raw_app_meta_data = '{"plan": "gold"}'
      where id = tests.get_supabase_uid('ann')$$,
    $$claims ->> 'app_metadata'$$, '{"plan": "gold"}'),
  ('changed app metadata, in a repetition',
    $$select tests.refresh('ann', 0);
      update auth.users set raw_app_meta_data = '{"plan": "gold"}'
      where id = tests.get_supabase_uid('ann')$$,
    $$outcome || ' ' || (claims ->> 'app_metadata')$$, 'repeated {"plan": "gold"}'),
  ('changed user metadata', $$update auth.users set raw_user_meta_data = '{"name": "Ann"}'
      where id = tests.get_supabase_uid('ann')$$,
    $$claims ->> 'user_metadata'$$, '{"name": "Ann"}'),
  ('a second factor that was verified', $$update auth.sessions set aal = 'aal2' where id = tests.session_id('ann')$$,
    $$claims ->> 'aal'$$, 'aal2'),
  ('a second factor that was removed',
    $$update latchkey.refresh_tokens set aal = 'aal2' where session_id = tests.session_id('ann');
      update auth.sessions set aal = 'aal1' where id = tests.session_id('ann')$$,
    $$claims ->> 'aal'$$, 'aal1')
) cases (name, change, claim, expected);

update auth.sessions set aal = 'aal2' where id = tests.session_id('ann', 2);
select results_eq(
  $$select r.claims ->> 'session_id', r.claims ->> 'sub', r.user_data ->> 'id', r.claims ->> 'aal'
    from (values ('ann', 1), ('ann', 2), ('bob', 1)) v (name, device),
      tests.refresh(name, 0, device) r$$,
  $$select tests.session_id(name, device)::text, tests.get_supabase_uid(name)::text,
      tests.get_supabase_uid(name)::text, aal
    from (values ('ann', 1, 'aal1'), ('ann', 2, 'aal2'), ('bob', 1, 'aal1')) v (name, device, aal)$$,
  'each session gets the claims of its own user and assurance level'
);
select is(
  (select aal from latchkey.refresh_tokens where session_id = tests.session_id('ann', 2)),
  'aal2', 'the list of sessions shows the new assurance level'
);

select * from finish();
rollback;
