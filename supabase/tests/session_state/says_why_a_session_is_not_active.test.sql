begin;
select plan(13);
select tests.sign_in('ann');

select is(tests.after(change, $$select tests.session_state('ann')$$), expected, name)
from (values
  ('a new session is active', 'select', 'active'),
  ('a session that only Supabase Auth knows is active, so an app can check before it adopts',
    $$delete from latchkey.refresh_tokens where session_id = tests.session_id('ann');
      select tests.create_auth_session('ann')$$,
    'active'),
  ('a revoked session says why', $$select tests.end_session('ann')$$, 'revoked admin'),
  ('a session is revoked even if Supabase Auth still has its row',
    $$select tests.end_session('ann'); select tests.create_auth_session('ann')$$,
    'revoked admin'),
  ('a revoked session does not expire',
    $$select tests.end_session('ann', 1, 'banned');
      select tests.expire('ann', idle => '0', absolute => '0')$$,
    'revoked banned'),
  ('a session expires at its absolute expiry',
    $$select tests.expire('ann', absolute => '0')$$, 'expired absolute'),
  ('a session expires at its idle expiry',
    $$select tests.expire('ann', idle => '0')$$, 'expired idle'),
  ('of two expiries the earlier one counts: idle',
    $$select tests.expire('ann', idle => '2 days', absolute => '1 day')$$, 'expired idle'),
  ('of two expiries the earlier one counts: absolute',
    $$select tests.expire('ann', idle => '1 day', absolute => '2 days')$$, 'expired absolute'),
  ('of two equal expiries the absolute one counts',
    $$select tests.expire('ann', idle => '1 day', absolute => '1 day')$$, 'expired absolute'),
  ('a session that neither Latchkey nor Supabase Auth has is signed out',
    $$delete from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$,
    'revoked signed_out'),
  ('a session that Supabase Auth has deleted is signed out, even if the trigger missed it',
    $$delete from auth.sessions where id = tests.session_id('ann');
      update latchkey.refresh_tokens set revoked_at = null, revoked_reason = null
      where session_id = tests.session_id('ann')$$,
    'revoked signed_out'),
  ('the session of a deleted user says so',
    $$delete from auth.users where id = tests.get_supabase_uid('ann')$$, 'revoked user_deleted')
) cases (name, change, expected);

select * from finish();
rollback;
