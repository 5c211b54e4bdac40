-- pg_cron cannot be installed everywhere, so a table and a function replace it.
begin;
select plan(4);

drop schema if exists cron cascade;
select matches(
  latchkey.schedule_upkeep(), '^There is no pg_cron here', 'without pg_cron the answer says so'
);
create schema cron;
create table cron.job (jobname text primary key, schedule text, command text);
create function cron.schedule(job_name text, schedule text, command text) returns bigint
language sql as $$
  insert into cron.job values ($1, $2, $3)
  on conflict (jobname) do update set schedule = excluded.schedule, command = excluded.command
  returning 1::bigint
$$;

select matches(latchkey.schedule_upkeep(), '^pg_cron calls', 'with pg_cron the answer says so');
select lives_ok('select latchkey.schedule_upkeep()', 'it can be called any number of times');
select results_eq(
  'select jobname, schedule, command from cron.job',
  $$values ('latchkey-upkeep', '*/10 * * * *', 'select latchkey.upkeep()')$$,
  'there is one job'
);

select * from finish();
rollback;
