-- Of several users and sessions, the claims are the token's own.
begin;
select plan(1);

select tests.create_supabase_user('ann');
select tests.create_supabase_user('bob');
insert into auth.sessions (id, user_id, aal) values
  (tests.session_id('ann'), tests.get_supabase_uid('ann'), 'aal1'),
  (tests.session_id('ann', 2), tests.get_supabase_uid('ann'), 'aal2'),
  (tests.session_id('bob'), tests.get_supabase_uid('bob'), 'aal1');
select latchkey.login(
  s.id, sha256(s.id::text::bytea), s.aal::text, '[]', null, null, null, null
)
from auth.sessions s where s.user_id::text ~ '^(aaaaaaaa|bbbbbbbb)-';

select results_eq(
  $$select r.claims ->> 'session_id', r.claims ->> 'sub', r.user_data ->> 'id', r.claims ->> 'aal'
    from auth.sessions s
    cross join latchkey.refresh(s.id, 0, sha256(s.id::text::bytea), null, null) r
    where s.user_id::text ~ '^(aaaaaaaa|bbbbbbbb)-'
    order by s.id$$,
  $$select s.id::text, s.user_id::text, s.user_id::text, s.aal::text
    from auth.sessions s
    where s.user_id::text ~ '^(aaaaaaaa|bbbbbbbb)-'
    order by s.id$$,
  'Each session gets its own user and assurance level'
);

select * from finish();
rollback;
