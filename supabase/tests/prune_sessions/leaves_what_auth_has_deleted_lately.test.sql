-- A session that has just ended has no row in auth.sessions either. It must not be
-- removed together with one that ended long ago.
begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(s.id, sha256(s.id::text::bytea), 'aal1', '[]', null, null, null, null)
from auth.sessions s where s.user_id = 'aaaaaaaa-0000-4000-8000-000000000000';
delete from auth.sessions where user_id = 'aaaaaaaa-0000-4000-8000-000000000000';
update latchkey.refresh_tokens set revoked_at = now() - interval '31 days'
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select is(latchkey.prune_sessions(), 1, 'One session is past its retention period');
select results_eq(
  'select session_id from latchkey.refresh_tokens',
  $$values ('aaaaaaaa-0000-4000-8000-000000000002'::uuid)$$,
  'The other can still say why it ended'
);

select * from finish();
rollback;
