begin;
select plan(5);

select lives_ok('update latchkey.settings set attempts_before_delay = 1', 'The least');
select lives_ok('update latchkey.settings set attempts_before_delay = 100', 'The most');
select throws_ok(
  'update latchkey.settings set attempts_before_delay = 0', '23514', null, 'Less'
);
select throws_ok(
  'update latchkey.settings set attempts_before_delay = 101', '23514', null, 'More'
);
select throws_ok(
  'update latchkey.settings set attempts_before_delay = null', '23502', null, 'Nothing'
);

select * from finish();
rollback;
