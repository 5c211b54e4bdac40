-- A caller that takes a notice has time until the notice's next due time to settle
-- it. If that caller dies, the notice is sent again, so the lease is also the retry.
-- The delays double from one minute to six hours. They vary by a tenth, so that the
-- notices of one outage do not all come back at the same time.
--
-- Takes only a few per receiver, so that a receiver with a thousand waiting notices
-- delays no other.

create function latchkey.take_notices(per_receiver integer, receiver_id uuid)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  taken jsonb;
begin
  with due as (
    select n.id, r.url, r.format, r.audience, r.secrets
    from latchkey.receivers r
    cross join lateral (
      select o.id
      from latchkey.outbox o
      where o.receiver_id = r.id
        and o.settled_at is null
        and o.due_at <= clock_timestamp()
      order by o.due_at
      limit per_receiver
      for update skip locked
    ) n
    where r.enabled
      and r.id = coalesce(take_notices.receiver_id, r.id)
      and (r.resume_at > clock_timestamp()) is not true
  ), leased as (
    update latchkey.outbox o
    set attempts = o.attempts + 1,
        due_at = clock_timestamp() + (0.9 + 0.2 * random())
          * least(interval '1 minute' * 2 ^ least(o.attempts, 9), interval '6 hours')
    from due
    where o.id = due.id
    returning o.*, due.url, due.format, due.audience, due.secrets
  )
  select jsonb_agg(
    jsonb_build_object(
      'id', l.id,
      'receiver_id', l.receiver_id,
      'url', l.url,
      'format', l.format,
      'audience', l.audience,
      'secrets', l.secrets[1:2],
      'payload', l.payload
    ) order by l.created_at
  )
  into taken
  from leased l;
  return coalesce(
    taken,
    case when exists (select from latchkey.receivers r where r.enabled) then '[]'::jsonb end
  );
end
$$;

comment on function latchkey.take_notices(integer, uuid) is
  'Takes the notices that are due, up to a limit per receiver, for all receivers or one, as a JSON array; null if no receiver is enabled. A notice that is not settled becomes due again later. Security definer: reads and writes the outbox.';
