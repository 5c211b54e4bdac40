-- Strict or not.
begin;
select plan(3);

update latchkey.settings set strict = true;
set local role anon;

select lives_ok('select latchkey.check_request()', 'A request without a token');
set local request.jwt.claims = '{"role": "anon"}';
select lives_ok('select latchkey.check_request()', 'A publishable key');
reset role;
set local role service_role;
set local request.jwt.claims = '{"role": "service_role"}';
select lives_ok('select latchkey.check_request()', 'A secret key');
reset role;

select * from finish();
rollback;
