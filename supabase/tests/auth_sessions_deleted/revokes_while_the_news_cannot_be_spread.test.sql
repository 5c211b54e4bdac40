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
alter table latchkey.session_events rename to session_events_away;
do $$
begin
  drop function realtime.send(jsonb, text, text, boolean);
exception when insufficient_privilege then
  null;  -- A hosted project does not let go of it.
end
$$;

select lives_ok(
  $$delete from auth.sessions where id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  'A sign-out needs neither the audit trail nor Realtime'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'signed_out')$$,
  'It is revoked all the same'
);

select * from finish();
rollback;
