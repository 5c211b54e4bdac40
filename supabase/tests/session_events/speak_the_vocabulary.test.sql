begin;
select plan(2);

select throws_ok(
  $$insert into latchkey.session_events (event, session_id, user_id) values
    ('something_else', 'aaaaaaaa-0000-4000-8000-000000000001',
      'aaaaaaaa-0000-4000-8000-000000000000')$$,
  '22P02', null, 'The event is one of the OWASP words'
);
select throws_ok(
  $$insert into latchkey.session_events (event, session_id, user_id, initiating_entity) values
    ('session_created', 'aaaaaaaa-0000-4000-8000-000000000001',
      'aaaaaaaa-0000-4000-8000-000000000000', 'nobody')$$,
  '22P02', null, 'The entity is one of the words of CAEP'
);

select * from finish();
rollback;
