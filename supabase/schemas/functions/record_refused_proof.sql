-- Somebody has a copy of the token, or a client lost its key and keeps trying. One
-- event a minute tells as much as a thousand.

create function latchkey.record_refused_proof(token latchkey.refresh_tokens, actor_ip text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  refused latchkey.event_record;
begin
  -- Of several calls at the same time, the one that gets the lock writes the event.
  if not pg_try_advisory_xact_lock(
    hashtextextended('latchkey refused proof ' || token.session_id, 0)
  ) or exists (
    select from latchkey.session_events e
    where e.user_id = token.user_id
      and e.session_id = token.session_id
      and e.event = 'authn_proof_refused'
      and e.created_at > now() - interval '1 minute'
  ) then
    return;
  end if;
  refused := latchkey.event_of(token, 'authn_proof_refused');
  refused.actor_ip := record_refused_proof.actor_ip;
  perform latchkey.record_events(array[refused]);
end
$$;

comment on function latchkey.record_refused_proof(latchkey.refresh_tokens, text) is
  'Writes the event that the token of a bound session was sent without a proof by its key, at most once a minute for each session. Internal.';
