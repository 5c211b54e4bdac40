begin;
select plan(4);

select is(latchkey.use_proof(tests.proof_id('one')), true, 'a new proof');
select is(latchkey.use_proof(tests.proof_id('one')), false, 'the same again');
select is(latchkey.use_proof(tests.proof_id('two')), true, 'another proof');
select is(latchkey.use_proof(null) and latchkey.use_proof(null), true, 'no proof, any number of times');

select * from finish();
rollback;
