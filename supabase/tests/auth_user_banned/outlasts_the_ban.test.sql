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
update auth.users set banned_until = now() + interval '1 hour'
where id = 'aaaaaaaa-0000-4000-8000-000000000000';
update auth.users set banned_until = null where id = 'aaaaaaaa-0000-4000-8000-000000000000';

select results_eq(
  $$select outcome::text, reason::text from latchkey.refresh(
      'aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null
    )$$,
  $$values ('revoked', 'banned')$$,
  'The sessions do not come back with the end of the ban'
);

select * from finish();
rollback;
