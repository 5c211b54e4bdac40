begin;
select plan(5);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');
select tests.end_session('ann', 2, 'user');
select tests.authenticate_as('ann');

select results_eq(
  'select session_id, revoked_reason::text from latchkey.refresh_tokens order by session_id',
  $$values (tests.session_id('ann'), null::text),
      (tests.session_id('ann', 2), 'user')$$,
  'The own ones, ended ones too'
);
select throws_ok(
  'select secret_hash from latchkey.refresh_tokens', '42501', null, 'Not the hash'
);
select throws_ok(
  'select generation from latchkey.refresh_tokens', '42501', null, 'Not the generation'
);
select throws_ok(
  'select * from latchkey.refresh_tokens', '42501', null, 'Not everything'
);
select throws_ok(
  'select session_id from latchkey.refresh_tokens where secret_hash is not null',
  '42501', null, 'Not by a condition on the hash either'
);
reset role;

select * from finish();
rollback;
