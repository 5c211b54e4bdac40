begin;
select plan(8);
select tests.sign_in('ann');

create function pg_temp.session_active() returns boolean language plpgsql as $$
begin
  perform tests.authenticate_as('ann');
  return (select latchkey.session_active());
end
$$;

select is(tests.after(change, 'select pg_temp.session_active()'), expected, name)
from (values
  ('a new session', 'select', 'true'),
  ('a session that only Supabase Auth knows',
    $$delete from latchkey.refresh_tokens where session_id = tests.session_id('ann');
      select tests.create_auth_session('ann')$$,
    'true'),
  ('a revoked session', $$select tests.end_session('ann', 1, 'user')$$, 'false'),
  ('a revoked session whose row Supabase Auth still has',
    $$select tests.end_session('ann'); select tests.create_auth_session('ann')$$, 'false'),
  ('at the absolute expiry', $$select tests.expire('ann', absolute => '0')$$, 'false'),
  ('at the idle expiry', $$select tests.expire('ann', idle => '0')$$, 'false'),
  ('a session that neither Latchkey nor Supabase Auth has',
    $$delete from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$, 'false'),
  ('a session that Supabase Auth has deleted, even if the trigger missed it',
    $$delete from auth.sessions where id = tests.session_id('ann');
      update latchkey.refresh_tokens set revoked_at = null, revoked_reason = null
      where session_id = tests.session_id('ann')$$,
    'false')
) cases (name, change, expected);

select * from finish();
rollback;
