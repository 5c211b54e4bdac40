-- The way an app uses it.
begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
create temp table notes (owner uuid, body text);
insert into notes values ('aaaaaaaa-0000-4000-8000-000000000000', 'Mine');
alter table notes enable row level security;
create policy own on notes for select to authenticated
  using (owner = (select auth.uid()) and (select latchkey.session_active()));
grant select on notes to authenticated;
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "session_id": "aaaaaaaa-0000-4000-8000-000000000001"}';
set local role authenticated;

select results_eq('select body
from notes', $$values ('Mine')$$, 'Open while the session stands');
reset role;
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'admin', null, null, null);
set local role authenticated;
select is_empty('select body from notes', 'Closed once it is over, with the same token');
reset role;

select * from finish();
rollback;
