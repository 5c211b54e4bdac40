begin;
select plan(3);

select tests.sign_in('ann');
select tests.authenticate_as('ann');

select throws_ok(
  $$insert into latchkey.session_events (event, session_id, user_id) values
    ('session_created', tests.session_id('ann'),
      tests.get_supabase_uid('ann'))$$,
  '42501', null, 'Not added to'
);
select throws_ok(
  $$update latchkey.session_events set reason = 'user'$$, '42501', null, 'Not changed'
);
select throws_ok(
  'delete from latchkey.session_events', '42501', null, 'Not deleted'
);
reset role;

select * from finish();
rollback;
