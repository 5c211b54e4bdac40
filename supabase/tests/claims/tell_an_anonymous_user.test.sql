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
update auth.users set is_anonymous = true, email = null
where id = 'aaaaaaaa-0000-4000-8000-000000000000';

select is(
  latchkey.claims(t, u, s, 'https://x/auth/v1', 'anonymous') -> 'is_anonymous', 'true'::jsonb,
  'For policies that keep anonymous users out'
)
from latchkey.refresh_tokens t join auth.users u on u.id = t.user_id, latchkey.settings s
where t.session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select * from finish();
rollback;
