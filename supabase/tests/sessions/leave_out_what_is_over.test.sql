begin;
select plan(1);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.create_auth_session('ann', 3);
select tests.create_auth_session('ann', 4);
select latchkey.login(id, sha256('seed'), 'aal1', '[]', null, null, null, null)
from auth.sessions
where id in (
  tests.session_id('ann', 3),
  tests.session_id('ann', 4)
);
select tests.end_session('ann', 2, 'user');
update latchkey.refresh_tokens set expires_at = now()
where session_id = tests.session_id('ann', 3);
update latchkey.refresh_tokens set idle_expires_at = now()
where session_id = tests.session_id('ann', 4);
select tests.authenticate_as('ann');

select results_eq(
  'select session_id from latchkey.sessions',
  $$values (tests.session_id('ann'))$$,
  'Neither a revoked one, nor one past its absolute or its idle end'
);
reset role;

select * from finish();
rollback;
