begin;
select plan(1);

drop schema if exists cron cascade;
select matches(latchkey.schedule_upkeep(), '^There is no pg_cron here', 'In words');

select * from finish();
rollback;
