begin;
select plan(4);
delete from latchkey.used_proofs;
insert into latchkey.used_proofs (proof_id, expires_at) values
  (tests.proof_id('a'), now() - interval '2 hours'),
  (tests.proof_id('b'), now()),
  (tests.proof_id('c'), now() + interval '1 millisecond');

select is(latchkey.prune_proofs(1), 1, 'one call deletes one batch');
select is_empty(
  $$select from latchkey.used_proofs where proof_id = tests.proof_id('a')$$, 'the oldest first'
);
select is(latchkey.prune_proofs(), 1, 'the next call deletes the rest');
select results_eq(
  'select proof_id from latchkey.used_proofs', $$values (tests.proof_id('c'))$$,
  'a proof that could still be sent again remains'
);

select * from finish();
rollback;
