-- Only Supabase Auth knew it, and has forgotten it.
begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'
    )$$,
  $$values ('revoked', 'signed_out')$$,
  'No row anywhere'
);

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(null, 'aaaaaaaa-0000-4000-8000-000000000000')$$,
  $$values ('revoked', 'signed_out')$$,
  'No session at all'
);

select * from finish();
rollback;
