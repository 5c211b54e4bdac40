begin;
select plan(8);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null);
update latchkey.refresh_tokens
set rotated_at = now() - interval '10.001 seconds'
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds, claims, user_data
    from latchkey.refresh(
      'aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null
    )$$,
  $$values ('reused', null::text, null::integer, null::integer, null::jsonb, null::jsonb)$$,
  'A replaced token is reuse once the interval is over, and gets nothing'
);
select results_eq(
  $$select revoked_at, revoked_reason::text from latchkey.refresh_tokens
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  $$values (now(), 'reuse')$$,
  'The session is revoked'
);
select is_empty(
  $$select from auth.sessions where id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  'Supabase Auth refuses its tokens too'
);
select results_eq(
  $$select event::text, reason::text, initiating_entity::text from latchkey.session_events
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001' and event <> 'session_created'$$,
  $$values ('authn_token_reuse', 'reuse', 'policy')$$,
  'It is one event'
);
select results_eq(
  $$select topic, payload ->> 'reason' from realtime.messages
    where topic in (
      'session:aaaaaaaa-0000-4000-8000-000000000001',
      'user:aaaaaaaa-0000-4000-8000-000000000000'
    )
    order by topic$$,
  $$values ('session:aaaaaaaa-0000-4000-8000-000000000001', 'reuse'),
      ('user:aaaaaaaa-0000-4000-8000-000000000000', 'reuse')$$,
  'It is broadcast once on each of the two channels'
);
select results_eq(
  $$select outcome::text, reason::text from latchkey.refresh(
      'aaaaaaaa-0000-4000-8000-000000000001', 1, sha256('ann-laptop'), null, null
    )$$,
  $$values ('revoked', 'reuse')$$,
  'The current token has ended with it'
);
select results_eq(
  $$select outcome::text, reason::text from latchkey.refresh(
      'aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null
    )$$,
  $$values ('revoked', 'reuse')$$,
  'The stolen one gets the same answer from now on'
);
select is(
  (select count(*) from latchkey.session_events
   where session_id = 'aaaaaaaa-0000-4000-8000-000000000001' and event = 'authn_token_reuse'),
  1::bigint, 'Still one event'
);

select * from finish();
rollback;
