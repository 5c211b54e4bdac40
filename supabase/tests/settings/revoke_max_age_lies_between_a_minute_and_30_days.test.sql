begin;
select plan(5);

select lives_ok(
  $$update latchkey.settings set revoke_max_age = '1 minute'$$,
  'The least'
);
select lives_ok(
  $$update latchkey.settings set revoke_max_age = '30 days'$$,
  'The most'
);
select lives_ok(
  $$update latchkey.settings set revoke_max_age = null$$,
  'Nothing is asked for'
);
select throws_ok(
  $$update latchkey.settings set revoke_max_age = '59 seconds'$$,
  '23514', null, 'Less'
);
select throws_ok(
  $$update latchkey.settings set revoke_max_age = '31 days'$$,
  '23514', null, 'More'
);

select * from finish();
rollback;
