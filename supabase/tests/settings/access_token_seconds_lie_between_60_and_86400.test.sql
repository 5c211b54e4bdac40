begin;
select plan(5);

select lives_ok(
  $$update latchkey.settings set access_token_seconds = 60$$,
  'The least'
);
select lives_ok(
  $$update latchkey.settings set access_token_seconds = 86400$$,
  'The most'
);
select throws_ok(
  $$update latchkey.settings set access_token_seconds = 59$$,
  '23514', null, 'Less'
);
select throws_ok(
  $$update latchkey.settings set access_token_seconds = 86401$$,
  '23514', null, 'More'
);
select throws_ok(
  $$update latchkey.settings set access_token_seconds = null$$,
  '23502', null, 'Nothing'
);

select * from finish();
rollback;
