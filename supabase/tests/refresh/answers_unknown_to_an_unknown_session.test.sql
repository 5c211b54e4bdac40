begin;
select plan(2);

select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');

select is(
  (latchkey.refresh(
    'ffffffff-0000-4000-8000-00000000000f', 0, tests.secret_hash('ann'), null, null
  )).outcome, 'unknown',
  'A session that never was is unknown'
);
select is(
  (tests.refresh('ann', 0, 3)).outcome, 'unknown',
  'So is one that only Supabase Auth has'
);

select * from finish();
rollback;
