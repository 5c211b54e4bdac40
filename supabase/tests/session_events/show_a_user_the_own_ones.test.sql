begin;
select plan(1);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');
select tests.end_session('ann', 2, 'user');
select tests.authenticate_as('ann');

select bag_eq(
  'select session_id, event::text, reason::text from latchkey.session_events',
  $$values (tests.session_id('ann'), 'session_created', null::text),
    (tests.session_id('ann', 2), 'session_created', null),
    (tests.session_id('ann', 2), 'authn_token_revoked', 'user')$$,
  'Those of every own session, and none of another user'
);
reset role;

select * from finish();
rollback;
