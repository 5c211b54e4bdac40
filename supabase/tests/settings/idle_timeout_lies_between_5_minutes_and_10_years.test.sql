begin;
select plan(5);

select lives_ok(
  $$update latchkey.settings set idle_timeout = '5 minutes'$$,
  'The least'
);
select lives_ok(
  $$update latchkey.settings set idle_timeout = '3650 days'$$,
  'The most'
);
select throws_ok(
  $$update latchkey.settings set idle_timeout = '299 seconds'$$,
  '23514', null, 'Less'
);
select throws_ok(
  $$update latchkey.settings set idle_timeout = '3651 days'$$,
  '23514', null, 'More'
);
select throws_ok(
  $$update latchkey.settings set idle_timeout = null$$,
  '23502', null, 'Nothing'
);

select * from finish();
rollback;
