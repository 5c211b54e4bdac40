begin;
select plan(2);

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

alter table latchkey.outbox rename to outbox_away;

select is(
  tests.end_session('ann'), 1,
  'A session ends though nobody else can be told'
);
select is(
  (select count(*) from realtime.messages where topic = 'session:' || tests.session_id('ann')), 1::bigint,
  'And its device hears of it'
);

select * from finish();
rollback;
