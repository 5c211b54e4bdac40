begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
update latchkey.refresh_tokens set expires_at = now()
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'
    )$$,
  $$values ('expired', 'absolute')$$,
  'At its absolute end a session has expired'
);

select * from finish();
rollback;
