begin;
select plan(2);

delete from latchkey.login_attempts;
update latchkey.settings set attempts_before_delay = 1, longest_attempt_delay = '3 seconds';
select latchkey.attempt('ann@pgtap.example', null);
select is(latchkey.attempt('ann@pgtap.example', null), 1, 'One attempt is free');

update latchkey.login_attempts set failures = 9, blocked_until = null;
select latchkey.attempt('ann@pgtap.example', null);
select is(latchkey.attempt('ann@pgtap.example', null), 3, 'No wait is longer than the setting');

select * from finish();
rollback;
