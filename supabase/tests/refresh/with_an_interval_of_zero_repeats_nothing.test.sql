begin;
select plan(1);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
update latchkey.settings set reuse_interval_seconds = 0;
insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null);
update latchkey.refresh_tokens set rotated_at = now() - interval '1 millisecond'
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select is(
  (latchkey.refresh(
    'aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null
  )).outcome, 'reused', 'Any second use is theft'
);

select * from finish();
rollback;
