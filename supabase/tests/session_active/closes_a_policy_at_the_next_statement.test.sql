-- A policy of an app.
begin;
select plan(2);
select tests.sign_in('ann');
create temp table notes (owner uuid, body text);
insert into notes values (tests.get_supabase_uid('ann'), 'Mine');
alter table notes enable row level security;
create policy own on notes for select to authenticated
  using (owner = (select auth.uid()) and (select latchkey.session_active()));
grant select on notes to authenticated;
select tests.authenticate_as('ann');

select results_eq('select body from notes', $$values ('Mine')$$, 'an active session reads the row');
reset role;
select tests.end_session('ann');
set local role authenticated;
select is_empty('select body from notes', 'an ended session does not, with the same token');
reset role;

select * from finish();
rollback;
