begin;
select plan(9);
select tests.reset_settings();
select tests.create_auth_session('ann');
select tests.create_auth_session('ann', 2);

create function pg_temp.login(key text, proof text, device integer default 1)
returns text language sql as $$
  select concat_ws(' ', outcome, generation) from latchkey.login(
    tests.session_id('ann', device), tests.secret_hash('ann', device), 'aal1', '[]', null, null,
    null, null, proof_jkt => tests.jkt(key), proof_id => tests.proof_id(proof)
  );
$$;

select is(
  tests.after(change, $$select concat_ws(
      ' | ', pg_temp.login('hers', 'one'), tests.sessions('ann'), tests.auth_sessions('ann')
    )$$),
  expected, name
)
from (values
  ('a new proof', 'select', 'created 0 | 1 active | 1, 2'),
  ('a proof that began another session', $$select pg_temp.login('hers', 'one', 2)$$,
    'replayed | 2 active | 2'),
  ('with require_proof', 'update latchkey.settings set require_proof = true',
    'created 0 | 1 active | 1, 2')
) cases (name, change, expected);
select is(
  tests.after(change, $$select concat_ws(
      ' | ', (tests.login('ann')).outcome, tests.sessions('ann'), tests.auth_sessions('ann')
    )$$),
  expected, name
)
from (values
  ('no proof', 'select', 'created | 1 active | 1, 2'),
  ('no proof, with require_proof', 'update latchkey.settings set require_proof = true',
    'proof_required | none | 2')
) cases (name, change, expected);

select pg_temp.login('hers', 'one');
select results_eq(
  $$select jkt, proof_ids from latchkey.refresh_tokens
    where session_id = tests.session_id('ann')$$,
  $$values (tests.jkt('hers'), ''::bytea)$$, 'the row has the thumbprint of the key'
);
select results_eq(
  $$select proof_id from latchkey.used_proofs where expires_at = now() + interval '5 minutes'$$,
  $$values (tests.proof_id('one'))$$, 'and its proof was used'
);
select tests.login('ann', 2);
select tests.authenticate_as('ann');
select results_eq(
  'select bound from latchkey.sessions order by session_id', 'values (true), (false)',
  'the list of sessions says which ones are bound'
);
reset role;
select is(
  jsonb_path_query_array(latchkey.sessions_by_admin(tests.get_supabase_uid('ann')), '$[*].bound'),
  '[true, false]', 'and so does the list for GET /sessions'
);

select * from finish();
rollback;
