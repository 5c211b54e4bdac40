begin;
select plan(3);

delete from latchkey.login_attempts;
update latchkey.settings set attempts_before_delay = 5, longest_attempt_delay = '15 minutes';
select latchkey.attempt('ann@pgtap.example', null) from generate_series(1, 5);

update latchkey.login_attempts
set blocked_until = now() - interval '1 hour', last_failed_at = now() - interval '23 hours';
select latchkey.attempt('ann@pgtap.example', null);
select is(
  (select failures from latchkey.login_attempts), 6, 'After 23 hours the count goes on'
);
update latchkey.login_attempts
set blocked_until = now() - interval '1 hour', last_failed_at = now() - interval '25 hours';
select is(latchkey.attempt('ann@pgtap.example', null), 0, 'After a day');
select is((select failures from latchkey.login_attempts), 1, 'It starts anew');

select * from finish();
rollback;
