begin;
select plan(2);

insert into auth.users (id, email, aud, role, banned_until, deleted_at) values
  (tests.get_supabase_uid('ann'), 'ann@pgtap.example', 'authenticated', 'authenticated', null, null),
  (tests.get_supabase_uid('bob'), 'bob@pgtap.example', 'authenticated', 'authenticated', now() + interval '1 hour', null),
  (tests.get_supabase_uid('cem'), 'cem@pgtap.example', 'authenticated', 'authenticated', null, now());
select tests.create_auth_session('ann');
select tests.create_auth_session('bob');
select tests.create_auth_session('cem');

select results_eq(
  format(
    $$select s.id, (latchkey.session_state(s.id, %s)).reason::text
      from auth.sessions s where s.id::text like '%%-0000-4000-8000-000000000001' order by s.id$$,
    given
  ),
  $$values
    (tests.session_id('ann'), null),
    (tests.session_id('bob'), 'banned'),
    (tests.session_id('cem'), 'user_deleted')$$,
  'Only the session''s own user counts, given as ' || given
)
from unnest(array['s.user_id', 'null']) given;

select * from finish();
rollback;
