-- An audit trail that goes with its subject is none.
begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
delete from auth.users where id = 'aaaaaaaa-0000-4000-8000-000000000000';

select bag_eq(
  $$select event::text from latchkey.session_events
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  $$values ('session_created'), ('authn_token_revoked')$$,
  'The events of a deleted user stay'
);

select * from finish();
rollback;
