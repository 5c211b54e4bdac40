begin;
select plan(2);

select is(
  latchkey.end_sessions(array['ffffffff-0000-4000-8000-00000000000f']::uuid[], 'user', null, null, null),
  0, 'A session that never was'
);
select is(latchkey.end_sessions('{}', 'user', null, null, null), 0, 'No session');

select * from finish();
rollback;
