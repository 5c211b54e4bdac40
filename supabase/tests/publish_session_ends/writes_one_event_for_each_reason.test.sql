-- Events are named as in OWASP's logging vocabulary, initiating entities as in CAEP.
begin;
select plan(2);
select tests.create_supabase_user('ann');
create temp table ended as
  select gen_random_uuid() as id, reason
  from unnest(array[
    'signed_out', 'user', 'password_changed', 'reuse', 'session_limit', 'admin',
    'banned', 'user_deleted'
  ]) reason;
insert into latchkey.refresh_tokens
  (session_id, user_id, secret_hash, expires_at, idle_expires_at, user_agent, ip)
  select id, tests.get_supabase_uid('ann'), sha256('seed'),
    now() + interval '1 day', now() + interval '1 day', 'Firefox', '192.0.2.1'
  from ended;
update latchkey.refresh_tokens t set revoked_at = now(), revoked_reason = e.reason::latchkey.revoked_reason
from ended e where t.session_id = e.id;

select bag_eq(
  $$select e.reason as ended_for, v.event::text, v.reason::text, v.initiating_entity::text
    from ended e join latchkey.session_events v on v.session_id = e.id$$,
  $$values
    ('signed_out', 'authn_token_revoked', 'signed_out', 'user'),
    ('user', 'authn_token_revoked', 'user', 'user'),
    ('password_changed', 'authn_token_revoked', 'password_changed', 'user'),
    ('reuse', 'authn_token_reuse', 'reuse', 'policy'),
    ('session_limit', 'authn_token_revoked', 'session_limit', 'policy'),
    ('admin', 'authn_token_revoked', 'admin', 'admin'),
    ('banned', 'authn_token_revoked', 'banned', 'admin'),
    ('user_deleted', 'authn_token_revoked', 'user_deleted', 'admin')$$,
  'event, reason and initiating entity'
);
select bag_eq(
  $$select distinct v.user_id, v.user_agent, v.ip
    from ended e join latchkey.session_events v on v.session_id = e.id$$,
  $$values (tests.get_supabase_uid('ann'), 'Firefox', '192.0.2.1'::inet)$$,
  'the user, the user agent and the address of the sign-in'
);

select * from finish();
rollback;
