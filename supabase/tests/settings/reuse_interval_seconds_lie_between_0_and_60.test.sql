begin;
select plan(5);

select lives_ok(
  $$update latchkey.settings set reuse_interval_seconds = 0$$,
  'The least'
);
select lives_ok(
  $$update latchkey.settings set reuse_interval_seconds = 60$$,
  'The most'
);
select throws_ok(
  $$update latchkey.settings set reuse_interval_seconds = -1$$,
  '23514', null, 'Less'
);
select throws_ok(
  $$update latchkey.settings set reuse_interval_seconds = 61$$,
  '23514', null, 'More'
);
select throws_ok(
  $$update latchkey.settings set reuse_interval_seconds = null$$,
  '23502', null, 'Nothing'
);

select * from finish();
rollback;
