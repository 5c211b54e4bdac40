-- Creates the first partitions, and the schedule if pg_cron is installed.

select latchkey.prepare_partitions();
select latchkey.schedule_upkeep();
