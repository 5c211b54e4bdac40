begin;
select plan(3);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000002', sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', '192.0.2.2', 'Phone', null
);
alter table latchkey.refresh_tokens rename to refresh_tokens_away;
alter table latchkey.session_events rename to session_events_away;

select lives_ok(
  $$update auth.users set encrypted_password = 'new'
    where id = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  'A password changes while Latchkey is broken'
);
select lives_ok(
  $$delete from auth.sessions where id = 'aaaaaaaa-0000-4000-8000-000000000002'$$,
  'And the other sessions end'
);
select results_eq(
  $$select id from auth.sessions where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'
    order by id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid)$$,
  'In Supabase Auth'
);

select * from finish();
rollback;
