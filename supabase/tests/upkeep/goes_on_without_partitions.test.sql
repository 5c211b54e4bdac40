begin;
select plan(2);

select tests.create_auth_session('ann');
select tests.create_auth_session('ann', 2);
select tests.create_auth_session('ann', 3);
select tests.create_auth_session('ann', 4);
select latchkey.login(
  s.id, sha256(s.id::text::bytea), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
)
from auth.sessions s where s.user_id = tests.get_supabase_uid('ann');

update latchkey.refresh_tokens set idle_expires_at = now() - interval '31 days' where session_id = tests.session_id('ann');
create or replace function latchkey.prepare_partitions() returns integer
language plpgsql volatile set search_path = '' as $$
begin
  raise lock_not_available;
end
$$;

select is(latchkey.upkeep() @> '{"sessions": 1}', true, 'The rest is done');
select is_empty(
  $$select from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$, 'And stays done'
);

select * from finish();
rollback;
