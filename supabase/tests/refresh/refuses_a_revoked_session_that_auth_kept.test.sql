-- The deletion in auth.sessions may have failed: the revocation counts alone.
begin;
select plan(2);

select tests.create_auth_session('ann');
select tests.login('ann');
select tests.end_session('ann');
select tests.create_auth_session('ann');

select results_eq(
  $$select outcome::text, reason::text, claims from tests.refresh('ann', 0)$$,
  $$values ('revoked', 'admin', null::jsonb)$$,
  'What Latchkey ended has ended'
);
select is(
  (select generation from latchkey.refresh_tokens
   where session_id = tests.session_id('ann')),
  0, 'Nothing is rotated'
);

select * from finish();
rollback;
