begin;
select plan(5);

select lives_ok(
  $$update latchkey.settings set longest_attempt_delay = '1 second'$$, 'The least'
);
select lives_ok($$update latchkey.settings set longest_attempt_delay = '1 day'$$, 'The most');
select throws_ok(
  $$update latchkey.settings set longest_attempt_delay = '999 milliseconds'$$,
  '23514', null, 'Less'
);
select throws_ok(
  $$update latchkey.settings set longest_attempt_delay = '25 hours'$$, '23514', null, 'More'
);
select throws_ok(
  'update latchkey.settings set longest_attempt_delay = null', '23502', null, 'Nothing'
);

select * from finish();
rollback;
