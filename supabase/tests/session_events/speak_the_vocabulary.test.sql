begin;
select plan(2);

select throws_ok(
  $$insert into latchkey.session_events (event, session_id, user_id) values
    ('something_else', tests.session_id('ann'),
      tests.get_supabase_uid('ann'))$$,
  '22P02', null, 'The event is one of the OWASP words'
);
select throws_ok(
  $$insert into latchkey.session_events (event, session_id, user_id, initiating_entity) values
    ('session_created', tests.session_id('ann'),
      tests.get_supabase_uid('ann'), 'nobody')$$,
  '22P02', null, 'The entity is one of the words of CAEP'
);

select * from finish();
rollback;
