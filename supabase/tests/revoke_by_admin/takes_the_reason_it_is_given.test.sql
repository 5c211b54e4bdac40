begin;
select plan(3);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select latchkey.revoke_by_admin(null, tests.session_id('ann'), 'session_limit', null);

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'session_limit'),
    (tests.session_id('ann', 2), null)$$,
  'Any reason of the vocabulary'
);
select results_eq(
  $$select e.reason::text, e.initiating_entity::text, m.payload ->> 'initiating_entity'
    from latchkey.session_events e
    join realtime.messages m on m.topic = 'session:' || e.session_id
    where e.session_id = tests.session_id('ann') and e.reason is not null$$,
  $$values ('session_limit', 'admin', 'admin')$$,
  'And it was an administrator who gave it'
);
select throws_ok(
  $$select latchkey.revoke_by_admin(null, tests.session_id('ann', 2), 'because', null)$$,
  '22P02', null, 'And no other: a bug of the caller'
);

select * from finish();
rollback;
