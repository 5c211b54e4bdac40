-- Storage and noise must not grow with use.
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
select latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null);
select latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null);
select latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 1, sha256('ann-laptop'), null, null);

select results_eq(
  $$select event::text from latchkey.session_events
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  $$values ('session_created')$$,
  'Neither a rotation nor a repetition is an event'
);
select is_empty(
  $$select from realtime.messages
    where topic in (
      'session:aaaaaaaa-0000-4000-8000-000000000001',
      'user:aaaaaaaa-0000-4000-8000-000000000000'
    )$$,
  'And nobody is told'
);

select * from finish();
rollback;
