begin;
select plan(1);

select tests.sign_in('ann');
update auth.users set is_anonymous = true, email = null
where id = tests.get_supabase_uid('ann');

select is(
  latchkey.claims(t, u, s, 'https://x/auth/v1', 'anonymous') -> 'is_anonymous', 'true'::jsonb,
  'For policies that keep anonymous users out'
)
from latchkey.refresh_tokens t join auth.users u on u.id = t.user_id, latchkey.settings s
where t.session_id = tests.session_id('ann');

select * from finish();
rollback;
