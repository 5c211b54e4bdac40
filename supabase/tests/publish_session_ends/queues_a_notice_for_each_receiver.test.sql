begin;
select plan(3);
select tests.sign_in('ann', device) from generate_series(1, 3) device;
select tests.create_receivers();
insert into latchkey.receivers (url, audience, enabled) values ('https://off.example/', 'off', false);
select tests.end_session('ann');
delete from auth.sessions where id = tests.session_id('ann', 2);
select tests.expire('ann', 3, absolute => '0');
delete from latchkey.refresh_tokens where session_id = tests.session_id('ann', 3);

create temp view notices as
  select r.audience, right(o.session_id::text, 1) as device, o.*
  from latchkey.outbox o join latchkey.receivers r on r.id = o.receiver_id
  where o.user_id = tests.get_supabase_uid('ann');
select set_eq(
  'select audience, device, reason::text, initiating_entity::text from notices where device < ''3''',
  $$values ('one', '1', 'admin', 'admin'), ('two', '1', 'admin', 'admin'),
    ('one', '2', 'signed_out', 'user'), ('two', '2', 'signed_out', 'user')$$,
  'each end has one for each enabled receiver'
);
select is_empty(
  'select from notices where settled_at is not null or due_at > clock_timestamp()',
  'it is due at once'
);
select is_empty(
  $$select from notices where device = '3'$$, 'an expired session was not revoked, so it has none'
);

select * from finish();
rollback;
