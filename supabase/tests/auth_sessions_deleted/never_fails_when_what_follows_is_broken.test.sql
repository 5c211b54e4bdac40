-- The revocation rolls back alone; the live check looks at auth.sessions too.
begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
create or replace function latchkey.session_ended() returns trigger
language plpgsql as 'begin raise exception ''broken''; end';

select lives_ok(
  $$delete from auth.sessions where id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  'A sign-out does not need the trigger'
);
select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'
    )$$,
  $$values ('revoked', 'signed_out')$$,
  'And the session is over all the same'
);

select * from finish();
rollback;
