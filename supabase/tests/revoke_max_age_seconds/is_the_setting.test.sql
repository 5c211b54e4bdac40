begin;
select plan(2);

select is(latchkey.revoke_max_age_seconds(), null, 'None by default');
update latchkey.settings set revoke_max_age = '1 hour';
select is(latchkey.revoke_max_age_seconds(), 3600, 'In seconds');

select * from finish();
rollback;
