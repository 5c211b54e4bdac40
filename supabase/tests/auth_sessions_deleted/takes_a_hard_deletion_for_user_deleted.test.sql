-- The cascade takes the rows along; the trail and the news stay.
begin;
select plan(3);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
delete from auth.users where id = 'aaaaaaaa-0000-4000-8000-000000000000';

select is_empty(
  $$select from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  'The row is gone'
);
select results_eq(
  $$select event::text, reason::text, initiating_entity::text from latchkey.session_events
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001' and event <> 'session_created'$$,
  $$values ('authn_token_revoked', 'user_deleted', 'admin')$$,
  'It is one event'
);
select results_eq(
  $$select topic, payload ->> 'reason' from realtime.messages
    where topic in (
      'session:aaaaaaaa-0000-4000-8000-000000000001',
      'user:aaaaaaaa-0000-4000-8000-000000000000'
    )
    order by topic$$,
  $$values ('session:aaaaaaaa-0000-4000-8000-000000000001', 'user_deleted'),
      ('user:aaaaaaaa-0000-4000-8000-000000000000', 'user_deleted')$$,
  'It is broadcast once on each channel'
);

select * from finish();
rollback;
