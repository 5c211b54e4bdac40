begin;
select plan(3);

select is((select count(*) from latchkey.settings), 1::bigint, 'The migration made it');
select throws_ok(
  'insert into latchkey.settings default values', '23505', null, 'A second row is refused'
);
select throws_ok(
  'insert into latchkey.settings (singleton) values (false)', '23514', null,
  'Under another key too'
);

select * from finish();
rollback;
