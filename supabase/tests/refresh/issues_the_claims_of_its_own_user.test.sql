-- Of several users and sessions, the claims are the token's own.
begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated'),
  ('bbbbbbbb-0000-4000-8000-000000000000', 'bob@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id, aal) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', 'aal1'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000', 'aal2'),
  ('bbbbbbbb-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000000', 'aal1');
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
