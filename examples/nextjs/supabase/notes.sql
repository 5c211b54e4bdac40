-- Notes that their owner reads and writes while the session is active.

create table public.notes (
  id bigint generated always as identity primary key,
  user_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
  text text not null check (length(text) between 1 and 500),
  created_at timestamptz not null default now()
);
create index notes_user_id on public.notes (user_id);
alter table public.notes enable row level security;

-- An ended session reads and writes nothing, from its next request on.
create policy "Users with an active session use their own notes"
  on public.notes for all to authenticated
  using (user_id = (select auth.uid()) and (select latchkey.session_active()))
  with check (user_id = (select auth.uid()) and (select latchkey.session_active()));

grant select, insert, delete on public.notes to authenticated;
