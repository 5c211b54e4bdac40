-- So that the functions need not ask after each revocation.
begin;
select plan(2);

delete from latchkey.receivers;
insert into latchkey.receivers (url, audience, enabled) values ('https://off.example/', 'off', false);
select is(latchkey.take_notices(10, null), null, 'Nobody');
update latchkey.receivers set enabled = true;
select is(latchkey.take_notices(10, null), '[]', 'Somebody, but nothing');

select * from finish();
rollback;
