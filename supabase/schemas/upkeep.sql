-- The first partitions, and the schedule where pg_cron is installed.

select latchkey.prepare_partitions();
select latchkey.schedule_upkeep();
