begin;
select plan(3);

select lives_ok($$update latchkey.settings set ended_sessions_kept = '1 day'$$, 'A day');
select throws_ok(
  $$update latchkey.settings set ended_sessions_kept = '23 hours'$$, '23514', null, 'No less'
);
select throws_ok(
  $$update latchkey.settings set ended_sessions_kept = '3651 days'$$, '23514', null, 'No more than 10 years'
);

select * from finish();
rollback;
