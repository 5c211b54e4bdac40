begin;
select plan(3);

select tests.sign_in('ann');
select tests.authenticate_as('ann');

select throws_ok(
  $$update latchkey.sessions set device_name = 'Mine'$$, '42501', null, 'Not changed'
);
select throws_ok(
  $$delete from latchkey.sessions$$, '42501', null, 'Not deleted'
);
select throws_ok(
  $$insert into latchkey.sessions (session_id) values (tests.session_id('ann', 2))$$,
  '42501', null, 'Not added to'
);
reset role;

select * from finish();
rollback;
