begin;
select plan(1);

select throws_ok(
  $$update latchkey.settings set strict = null$$,
  '23502', null, 'Nothing else'
);

select * from finish();
rollback;
