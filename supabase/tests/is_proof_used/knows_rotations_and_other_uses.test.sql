begin;
select plan(5);
select latchkey.use_proof(tests.proof_id('elsewhere'));

select is(
  latchkey.is_proof_used(proof, tests.proof_id('second') || tests.proof_id('first')),
  expected, name
)
from (values
  ('the last rotation', tests.proof_id('second'), true),
  ('the one before', tests.proof_id('first'), true),
  ('elsewhere', tests.proof_id('elsewhere'), true),
  ('a new proof', tests.proof_id('new'), false),
  ('no proof is neither new nor used', null, null)
) cases (name, proof, expected);

select * from finish();
rollback;
