begin;
select plan(3);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000002', sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', '192.0.2.2', 'Phone', null
);
alter table latchkey.session_events rename to session_events_away;
do $$
begin
  drop function realtime.send(jsonb, text, text, boolean);
exception when insufficient_privilege then
  null;  -- A hosted project does not let go of it.
end
$$;

select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', null, 'global', null, null
    )$$,
  $$values ('done', null::text, 2)$$,
  'Neither the event nor the broadcast can stop it'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'signed_out'),
    ('aaaaaaaa-0000-4000-8000-000000000002', 'user')$$,
  'All are ended'
);
select is_empty(
  $$select from auth.sessions where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  'In Supabase Auth too'
);

select * from finish();
rollback;
