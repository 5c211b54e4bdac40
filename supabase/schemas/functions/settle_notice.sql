-- take_notices has already set the next due time of a notice that failed. After three
-- days it is given up, and its row is kept so that the owner can see it.

create function latchkey.settle_notice(
  id uuid,
  outcome latchkey.notice_outcome,
  answer text,
  pause_seconds integer default null
)
returns latchkey.notice_outcome
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  notice latchkey.outbox;
begin
  update latchkey.outbox o
  set last_answer = left(settle_notice.answer, 200),
      outcome = s.outcome,
      settled_at = case when s.outcome is not null then clock_timestamp() end
  from (
    select n.id, case
      when settle_notice.outcome <> 'failed' then settle_notice.outcome
      when n.created_at < now() - interval '3 days' then 'given_up'
    end as outcome
    from latchkey.outbox n
    where n.id = settle_notice.id
  ) s
  where o.id = s.id and o.settled_at is null
  returning o.* into notice;
  if not found then
    return null;
  end if;

  if notice.outcome = 'gone' or pause_seconds is not null then
    update latchkey.receivers r
    set enabled = r.enabled and notice.outcome is distinct from 'gone',
        resume_at = greatest(r.resume_at, clock_timestamp() + make_interval(secs => pause_seconds))
    where r.id = notice.receiver_id;
  end if;
  return coalesce(notice.outcome, 'failed');
end
$$;

comment on function latchkey.settle_notice(uuid, latchkey.notice_outcome, text, integer) is
  'Records the outcome of sending a notice: delivered, refused (permanently), gone (which disables the receiver) or failed, which is tried again for three days, then given_up. pause_seconds: the receiver gets nothing for this time. Returns the outcome now, or null if it was settled before. Security definer: writes the outbox and the receivers.';
