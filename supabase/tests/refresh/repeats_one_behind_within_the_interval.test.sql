-- Two tabs, or a retry after a lost response: both get the same successor.
begin;
select plan(4);

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
set rotated_at = now() - interval '10 seconds', idle_expires_at = now() + interval '1 day'
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
create temp table before as
  select * from latchkey.refresh_tokens
  where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds, claims ->> 'session_id',
      user_data ->> 'id'
    from latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null)$$,
  $$values ('repeated', null::text, 1,
      900, 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000')$$,
  'The replaced token gets the current generation again, to the last moment of the interval'
);
select is(
  (latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null)).outcome,
  'repeated', 'As often as it asks'
);
select results_eq(
  $$select * from latchkey.refresh_tokens
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  'select * from before',
  'A repetition changes nothing: the interval does not start anew'
);
select is(
  (latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 1, sha256('ann-laptop'), null, null)).outcome,
  'rotated', 'The current token goes on working'
);

select * from finish();
rollback;
