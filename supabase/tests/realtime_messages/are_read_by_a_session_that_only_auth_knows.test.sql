-- Realtime asks with a row of the topic, inserted beforehand: who can read it may join.
begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000');
insert into realtime.messages (topic, extension) values
  ('session:aaaaaaaa-0000-4000-8000-000000000003', 'broadcast'),
  ('user:aaaaaaaa-0000-4000-8000-000000000000', 'broadcast');
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "session_id": "aaaaaaaa-0000-4000-8000-000000000003"}';
set local role authenticated;

set local realtime.topic = 'session:aaaaaaaa-0000-4000-8000-000000000003';
select isnt_empty(
  $$select from realtime.messages
    where topic = 'session:aaaaaaaa-0000-4000-8000-000000000003' and extension = 'broadcast'$$,
  'The channel of the session'
);
set local realtime.topic = 'user:aaaaaaaa-0000-4000-8000-000000000000';
select isnt_empty(
  $$select from realtime.messages
    where topic = 'user:aaaaaaaa-0000-4000-8000-000000000000' and extension = 'broadcast'$$,
  'The channel of the user'
);
reset role;

select * from finish();
rollback;
