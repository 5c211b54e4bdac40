begin;
select plan(37);
select tests.reset_settings();
select tests.sign_in_bound();

create temp table cases (name text, call text, expected text, change text);
insert into cases values
  ('a new proof', $$tests.refresh_with('one', 0)$$, 'rotated 1', 'select'),
  ('a new proof for the second token', $$tests.refresh_with('two', 1)$$, 'rotated 2',
    $$select tests.refresh_with('one', 0)$$),
  ('no proof', $$tests.refresh('ann', 0)$$, 'proof_required', 'select'),
  ('a proof by another key', $$tests.refresh_with('one', 0, 'a thief''s')$$, 'proof_required',
    'select'),
  ('a replaced token without a proof', $$tests.refresh('ann', 0)$$, 'proof_required',
    $$select tests.refresh_with('one', 0)$$),
  ('a replaced token with a proof by another key', $$tests.refresh_with('two', 0, 'a thief''s')$$,
    'proof_required', $$select tests.refresh_with('one', 0)$$),
  ('a token replaced twice, without a proof', $$tests.refresh('ann', 0)$$, 'proof_required',
    $$select tests.refresh_with('one', 0); select tests.refresh_with('two', 1)$$),
  ('a token replaced twice, with a proof by another key and the right nonce',
    $$tests.refresh_with('three', 0, 'a thief''s', 2)$$, 'proof_required',
    $$select tests.refresh_with('one', 0); select tests.refresh_with('two', 1)$$),
  ('a replaced token, at once', $$tests.refresh_with('two', 0)$$, 'repeated 1',
    $$select tests.refresh_with('one', 0)$$),
  ('a replaced token, weeks later', $$tests.refresh_with('two', 0)$$, 'repeated 1',
    $$select tests.refresh_with('one', 0);
      update latchkey.refresh_tokens set rotated_at = now() - interval '3 weeks'
      where session_id = tests.session_id('ann')$$),
  ('a replaced token, with a reuse_interval of 0', $$tests.refresh_with('two', 0)$$, 'repeated 1',
    $$update latchkey.settings set reuse_interval_seconds = 0; select tests.refresh_with('one', 0);
      update latchkey.refresh_tokens set rotated_at = now() - interval '1 millisecond'
      where session_id = tests.session_id('ann')$$),
  ('a token replaced twice, without a nonce', $$tests.refresh_with('three', 0)$$,
    'nonce_required 2',
    $$select tests.refresh_with('one', 0); select tests.refresh_with('two', 1)$$),
  ('a token replaced twice, with a nonce from before the last rotation',
    $$tests.refresh_with('three', 0, 'hers', 1)$$, 'nonce_required 2',
    $$select tests.refresh_with('one', 0); select tests.refresh_with('two', 1)$$),
  ('a token replaced twice, just now, with a nonce from after the last rotation',
    $$tests.refresh_with('three', 0, 'hers', 2)$$, 'nonce_required 2',
    $$select tests.refresh_with('one', 0); select tests.refresh_with('two', 1)$$),
  ('a token replaced twice, just before the end of the reuse interval',
    $$tests.refresh_with('three', 0, 'hers', 2)$$, 'nonce_required 2',
    $$select tests.refresh_with('one', 0); select tests.refresh_with('two', 1);
      update latchkey.refresh_tokens set rotated_at = now() - interval '10 seconds'
      where session_id = tests.session_id('ann')$$),
  ('a token replaced 100,000 times, without a nonce', $$tests.refresh_with('one', 7)$$,
    'nonce_required 100000',
    $$update latchkey.refresh_tokens set generation = 100000
      where session_id = tests.session_id('ann')$$);
select is(
  tests.after(change, format(
    $$select concat_ws(' ', outcome, reason, generation) from %s$$, call
  )),
  expected, name || ': the answer'
)
from cases;
select is(
  tests.after(
    format($$%s; select %s$$, change, call),
    $$select tests.sessions('ann') || ', ' || tests.auth_sessions('ann')$$
  ),
  '1 active, 1', name || ': the session stays active'
)
from cases;

select is(
  tests.after(
    $$select tests.refresh_with('one', 0); select tests.refresh_with('two', 1);
      update latchkey.refresh_tokens set rotated_at = now() - interval '10.001 seconds'
      where session_id = tests.session_id('ann');
      select tests.refresh_with('three', 0, 'hers', 2)$$,
    $$select concat_ws(' | ', tests.sessions('ann'), tests.events('ann'))$$
  ),
  '1 reuse | 1 authn_token_reuse reuse by policy',
  'a token replaced twice, with a nonce from after the last rotation, ends the session later'
);
select is(
  tests.after(
    $$select tests.end_session('ann')$$,
    $$select concat_ws(' ', outcome, reason) from tests.refresh('ann', 0)$$
  ),
  'revoked admin', 'an ended session says why, also without a proof'
);
select is(
  tests.after(
    $$select tests.refresh('ann', 0); select tests.refresh_with('one', 0, 'a thief''s')$$,
    $$select generation || octet_length(proof_ids)::text from latchkey.refresh_tokens
      where session_id = tests.session_id('ann')$$
  ),
  '00', 'a refused proof changes nothing'
);

-- A session without a key.
select tests.sign_in('ann', 2);
select is(
  (latchkey.refresh(
    tests.session_id('ann', 2), 0, tests.secret_hash('ann', 2), null, null,
    proof_jkt => tests.jkt('any'), proof_id => tests.proof_id('any')
  )).outcome, 'rotated', 'a session without a key accepts any proof'
);
select results_eq(
  $$select jkt, proof_ids from latchkey.refresh_tokens
    where session_id = tests.session_id('ann', 2)$$,
  $$values (null::bytea, ''::bytea)$$, 'and is not bound by it'
);

select * from finish();
rollback;
