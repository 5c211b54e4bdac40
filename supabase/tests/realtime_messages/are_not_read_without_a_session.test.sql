-- Realtime asks with a row of the topic, inserted beforehand: who can read it may join.
begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into realtime.messages (topic, extension) values
  ('user:aaaaaaaa-0000-4000-8000-000000000000', 'broadcast'),
  ('session:', 'broadcast');
set local role anon;

set local realtime.topic = 'user:aaaaaaaa-0000-4000-8000-000000000000';
select is_empty(
  $$select from realtime.messages
    where topic = 'user:aaaaaaaa-0000-4000-8000-000000000000' and extension = 'broadcast'$$,
  'Somebody who is not signed in'
);
set local realtime.topic = 'session:';
select is_empty(
  $$select from realtime.messages where topic = 'session:' and extension = 'broadcast'$$,
  'On no channel'
);
reset role;

select * from finish();
rollback;
