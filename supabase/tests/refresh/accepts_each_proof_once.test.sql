begin;
select plan(13);
select tests.reset_settings();
select tests.sign_in_bound();

select is(
  tests.after(change, format(
    $$select concat_ws(' ', outcome, generation) from %s$$, call
  )),
  expected, name
)
from (values
  ('the proof of the rotation', $$tests.refresh_with('one', 0)$$, 'replayed',
    $$select tests.refresh_with('one', 0)$$),
  ('the proof of the rotation, with the new token', $$tests.refresh_with('one', 1)$$, 'replayed',
    $$select tests.refresh_with('one', 0)$$),
  ('the proof of a repetition', $$tests.refresh_with('two', 0)$$, 'replayed',
    $$select tests.refresh_with('one', 0); select tests.refresh_with('two', 0)$$),
  ('the proof of a repetition, with the new token', $$tests.refresh_with('two', 1)$$, 'replayed',
    $$select tests.refresh_with('one', 0); select tests.refresh_with('two', 0)$$),
  ('the proof of the sign-in', $$tests.refresh_with('sign-in', 0)$$, 'replayed', 'select'),
  ('the proof of the rotation before the last', $$tests.refresh_with('one', 2)$$, 'replayed',
    $$select tests.refresh_with('one', 0); select tests.refresh_with('two', 1)$$),
  ('the proof of the rotation fifteen rotations ago', $$tests.refresh_with('1', 16)$$, 'replayed',
    $$select tests.refresh_with(g::text, g) from generate_series(0, 15) g$$),
  ('a used proof with a token replaced twice', $$tests.refresh_with('one', 0, 'hers', 2)$$,
    'replayed', $$select tests.refresh_with('one', 0); select tests.refresh_with('two', 1)$$),
  ('a proof by which nothing was given may be sent again', $$tests.refresh_with('three', 2)$$,
    'rotated 3',
    $$select tests.refresh_with('one', 0); select tests.refresh_with('two', 1);
      select tests.refresh_with('three', 0)$$)
) cases (name, call, expected, change);

select tests.refresh_with('one', 0);
select tests.refresh_with('two', 1);
select is(
  (select proof_ids from latchkey.refresh_tokens where session_id = tests.session_id('ann')),
  tests.proof_id('two') || tests.proof_id('one'),
  'the row has the proofs of the last rotations, newest first'
);
select tests.refresh_with('two and a half', 1);
select is(
  (select proof_ids from latchkey.refresh_tokens where session_id = tests.session_id('ann')),
  tests.proof_id('two') || tests.proof_id('one'), 'a repetition does not change the row'
);
update latchkey.refresh_tokens set rotated_at = now() - interval '5 minutes'
where session_id = tests.session_id('ann');
select tests.refresh_with('three', 2);
select is(
  (select proof_ids from latchkey.refresh_tokens where session_id = tests.session_id('ann')),
  tests.proof_id('three'), 'it drops proofs that the functions refuse by their age'
);
select tests.refresh_with(g::text, g) from generate_series(3, 30) g;
select is(
  (select octet_length(proof_ids) from latchkey.refresh_tokens
   where session_id = tests.session_id('ann')), 256, 'it keeps sixteen at most'
);

select * from finish();
rollback;
