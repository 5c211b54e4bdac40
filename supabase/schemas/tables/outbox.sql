-- One row per event and receiver, written in the transaction of the event: a notice
-- exists if and only if what it tells was committed.

create table latchkey.outbox (
  id uuid primary key default gen_random_uuid(),
  receiver_id uuid not null references latchkey.receivers (id) on delete cascade,
  payload jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  due_at timestamptz not null default clock_timestamp(),
  attempts integer not null default 0 check (attempts >= 0),
  last_answer text,
  settled_at timestamptz,
  outcome latchkey.notice_outcome check (outcome <> 'failed'),
  constraint settled_with_outcome
    check ((settled_at is null) = (outcome is null))
);

-- For the notices that are due at each receiver, and for the cascade from receivers.
create index outbox_due_idx on latchkey.outbox (receiver_id, due_at)
  where settled_at is null;
create index outbox_settled_idx on latchkey.outbox (settled_at)
  where settled_at is not null;

alter table latchkey.outbox enable row level security;

comment on table latchkey.outbox is
  'Notices that tell receivers what happened to sessions, waiting or settled.';
comment on column latchkey.outbox.id is
  'The webhook-id, or the jti of a Security Event Token. It is the same at each attempt, so that a receiver can drop duplicates.';
comment on column latchkey.outbox.receiver_id is 'The receiver that it is for.';
comment on column latchkey.outbox.payload is
  'What happened: {"type", "timestamp", "data"}, as a webhook sends it. It contains no token.';
comment on column latchkey.outbox.created_at is 'When it was queued.';
comment on column latchkey.outbox.due_at is 'When it is to be sent, or sent again.';
comment on column latchkey.outbox.attempts is 'How many times it was taken to be sent.';
comment on column latchkey.outbox.last_answer is
  'The last answer: a status, the receiver''s error code, or a note that there was no answer.';
comment on column latchkey.outbox.settled_at is
  'When nothing was left to do; null while it waits.';
comment on column latchkey.outbox.outcome is
  'delivered; refused by the receiver permanently; gone, when the receiver wants no more; or given_up after three days.';
comment on constraint settled_with_outcome on latchkey.outbox is
  'A settled notice has an outcome, and a notice that waits has none.';
comment on index latchkey.outbox_due_idx is
  'Finds the waiting notices of a receiver, the longest due first.';
comment on index latchkey.outbox_settled_idx is 'Finds what can be pruned.';
