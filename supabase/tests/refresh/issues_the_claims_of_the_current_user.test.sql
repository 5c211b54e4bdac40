begin;
select plan(12);
select tests.reset_settings();
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');

select is(
  tests.after(
    format($$update auth.users set %s where id = tests.get_supabase_uid('ann')$$, change),
    format($$select %s from tests.refresh('ann', 0)$$, claim)
  ),
  expected, name
)
from (values
  ('a changed email', $$email = 'new@pgtap.example'$$, $$claims ->> 'email'$$, 'new@pgtap.example'),
  ('a changed email, in the user', $$email = 'new@pgtap.example'$$, $$user_data ->> 'email'$$,
    'new@pgtap.example'),
  ('a changed role', $$role = 'editor'$$, $$claims ->> 'role'$$, 'editor'),
  ('a changed phone', $$phone = '15550100'$$, $$claims ->> 'phone'$$, '15550100'),
  ('changed app metadata', $$raw_app_meta_data = '{"plan": "gold"}'$$, $$claims ->> 'app_metadata'$$,
    '{"plan": "gold"}'),
  ('changed user metadata', $$raw_user_meta_data = '{"name": "Ann"}'$$,
    $$claims ->> 'user_metadata'$$, '{"name": "Ann"}')
) cases (name, change, claim, expected);
select is(
  tests.after(change, $$select concat_ws(' ', outcome, claims ->> 'aal', claims ->> 'app_metadata')
    from tests.refresh('ann', 0)$$),
  expected, name
)
from (values
  ('a repetition reads the user again',
    $$select tests.refresh('ann', 0);
      update auth.users set raw_app_meta_data = '{"plan": "gold"}'
      where id = tests.get_supabase_uid('ann')$$,
    'repeated aal1 {"plan": "gold"}'),
  ('a repetition reads the assurance level again',
    $$update auth.sessions set aal = 'aal2' where id = tests.session_id('ann');
      select tests.refresh('ann', 0);
      update auth.sessions set aal = 'aal1' where id = tests.session_id('ann')$$,
    'repeated aal1 {}'),
  ('a second factor that was verified',
    $$update auth.sessions set aal = 'aal2' where id = tests.session_id('ann')$$, 'rotated aal2 {}'),
  ('a second factor that was removed',
    $$update latchkey.refresh_tokens set aal = 'aal2' where session_id = tests.session_id('ann');
      update auth.sessions set aal = 'aal1' where id = tests.session_id('ann')$$,
    'rotated aal1 {}')
) cases (name, change, expected);

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
