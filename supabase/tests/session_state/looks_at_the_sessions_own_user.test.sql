begin;
select plan(2);

insert into auth.users (id, email, aud, role, banned_until, deleted_at) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated', null, null),
  ('bbbbbbbb-0000-4000-8000-000000000000', 'bob@pgtap.example', 'authenticated', 'authenticated', now() + interval '1 hour', null),
  ('cccccccc-0000-4000-8000-000000000000', 'cem@pgtap.example', 'authenticated', 'authenticated', null, now());
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('bbbbbbbb-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000000'),
  ('cccccccc-0000-4000-8000-000000000001', 'cccccccc-0000-4000-8000-000000000000');

select results_eq(
  format(
    $$select s.id, (latchkey.session_state(s.id, %s)).reason::text
      from auth.sessions s where s.id::text like '%%-0000-4000-8000-000000000001' order by s.id$$,
    given
  ),
  $$values
    ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, null),
    ('bbbbbbbb-0000-4000-8000-000000000001', 'banned'),
    ('cccccccc-0000-4000-8000-000000000001', 'user_deleted')$$,
  'Only the session''s own user counts, given as ' || given
)
from unnest(array['s.user_id', 'null']) given;

select * from finish();
rollback;
