begin;
select plan(2);

delete from latchkey.login_attempts;
update latchkey.settings set attempts_before_delay = 1, longest_attempt_delay = '15 minutes';
create temp table waits (n integer, seconds integer);
do $$
begin
  for n in 1..40 loop
    perform latchkey.attempt('ann@pgtap.example', null);
    insert into waits values (n, latchkey.attempt('ann@pgtap.example', null));
    update latchkey.login_attempts set blocked_until = now();
  end loop;
end
$$;

select results_eq(
  'select seconds from waits where n <= 10 order by n',
  'values (1), (2), (4), (8), (16), (32), (64), (128), (256), (512)',
  'Each failure doubles the wait'
);
select is(
  (select array_agg(distinct seconds) from waits where n > 10), array[900],
  'Up to the setting, however many there are'
);

select * from finish();
rollback;
