begin;
select plan(3);

select tests.create_auth_session('ann');
select tests.create_auth_session('ann', 2);
select tests.create_auth_session('ann', 3);
select tests.create_auth_session('ann', 4);
select latchkey.login(
  s.id, sha256(s.id::text::bytea), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
)
from auth.sessions s where s.user_id = tests.get_supabase_uid('ann');

insert into latchkey.receivers (id, url, audience) values
  (tests.session_id('cat'), 'https://one.example/events', 'one'),
  (tests.session_id('cat', 2), 'https://two.example/events', 'two');

insert into latchkey.receivers (url, audience, enabled) values ('https://off.example/', 'off', false);

select tests.end_session('ann');
delete from auth.sessions where id = tests.session_id('ann', 2);
select bag_eq(
  $$select r.audience, o.session_id, o.user_id, o.reason::text, o.initiating_entity::text
    from latchkey.outbox o join latchkey.receivers r on r.id = o.receiver_id
    where o.user_id = tests.get_supabase_uid('ann')$$,
  $$values ('one', tests.session_id('ann'), tests.get_supabase_uid('ann'), 'admin', 'admin'),
    ('two', tests.session_id('ann'), tests.get_supabase_uid('ann'), 'admin', 'admin'),
    ('one', tests.session_id('ann', 2), tests.get_supabase_uid('ann'), 'signed_out', 'user'),
    ('two', tests.session_id('ann', 2), tests.get_supabase_uid('ann'), 'signed_out', 'user')$$,
  'One each, whoever ended the session; none for a receiver that is off'
);
select is_empty(
  $$select from latchkey.outbox
    where user_id = tests.get_supabase_uid('ann') and (settled_at is not null or due_at > clock_timestamp())$$,
  'They are due'
);
update latchkey.refresh_tokens set expires_at = now() where session_id = tests.session_id('ann', 3);
delete from latchkey.refresh_tokens where session_id = tests.session_id('ann', 3);
select is_empty(
  $$select from latchkey.outbox where session_id = tests.session_id('ann', 3)$$,
  'A session that ran out was not revoked'
);

select * from finish();
rollback;
