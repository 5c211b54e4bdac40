begin;
select plan(13);
select tests.reset_settings();
select tests.create_auth_session('ann');

-- Without a key, the session is adopted without a proof.
create function pg_temp.adopt(key text default null, proof text default null)
returns text language sql as $$
  select outcome from latchkey.adopt(
    tests.session_id('ann'), tests.get_supabase_uid('ann'), sha256('seed'),
    substr(sha256('nonce'), 1, 17), 'aal1', '[]', null, null, null, null,
    extract(epoch from now())::bigint,
    proof_jkt => tests.jkt(key), proof_id => tests.proof_id(proof)
  );
$$;
create function pg_temp.key() returns text language sql as $$
  select case t.jkt when tests.jkt('hers') then 'bound' else 'not bound' end
  from latchkey.refresh_tokens t where t.session_id = tests.session_id('ann');
$$;

select is(
  tests.after(change, format(
    $$select concat_ws(', ', pg_temp.adopt(%s), pg_temp.key(), tests.auth_sessions('ann'))$$,
    arguments
  )),
  expected, name
)
from (values
  ('a proof binds it', $$'hers', 'one'$$, 'select', 'created, bound, 1'),
  ('no proof', '', 'select', 'created, not bound, 1'),
  ('again with the same key', $$'hers', 'two'$$, $$select pg_temp.adopt('hers', 'one')$$,
    'repeated, bound, 1'),
  ('again with another key', $$'other', 'two'$$, $$select pg_temp.adopt('hers', 'one')$$,
    'managed, bound, 1'),
  ('again without a proof', '', $$select pg_temp.adopt('hers', 'one')$$, 'managed, bound, 1'),
  ('again with the same proof', $$'hers', 'one'$$, $$select pg_temp.adopt('hers', 'one')$$,
    'replayed, bound, 1'),
  ('again with a proof, which does not bind it', $$'hers', 'one'$$, 'select pg_temp.adopt()',
    'repeated, not bound, 1'),
  ('a proof that was used elsewhere', $$'hers', 'one'$$,
    $$select latchkey.use_proof(tests.proof_id('one'))$$, 'replayed, 1'),
  ('no proof, with require_proof', '', 'update latchkey.settings set require_proof = true',
    'proof_required, 1'),
  ('a proof, with require_proof', $$'hers', 'one'$$,
    'update latchkey.settings set require_proof = true', 'created, bound, 1'),
  ('again without a proof, if require_proof was set later', '',
    'select pg_temp.adopt(); update latchkey.settings set require_proof = true',
    'repeated, not bound, 1')
) cases (name, arguments, change, expected);

select pg_temp.adopt('other', 'one');
select results_eq(
  $$select proof_id from latchkey.used_proofs where expires_at = now() + interval '5 minutes'$$,
  $$values (tests.proof_id('one'))$$,
  'the proof of an adoption was used'
);
select pg_temp.adopt('hers', 'two');
select results_eq(
  $$select proof_id from latchkey.used_proofs where expires_at = now() + interval '5 minutes'$$,
  $$values (tests.proof_id('one'))$$,
  'a proof by which nothing was given was not'
);

select * from finish();
rollback;
