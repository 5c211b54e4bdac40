-- Latchkey is broken: Supabase Auth must not be.
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
alter table latchkey.refresh_tokens rename to refresh_tokens_away;

select lives_ok(
  $$delete from auth.sessions where id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  'A sign-out does not need Latchkey'
);
select is_empty(
  $$select from auth.sessions where id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  'It is done'
);

select * from finish();
rollback;
