begin;
select plan(2);

select lives_ok($$update latchkey.settings set events_kept = '1 month'$$, 'A month');
select throws_ok(
  $$update latchkey.settings set events_kept = '29 days'$$, '23514', null, 'No less'
);

select * from finish();
rollback;
