begin;
select plan(5);
select tests.reset_settings();
select tests.sign_in_bound();
select tests.sign_in('ann', 2);

create function pg_temp.refuse(device integer default 1, times integer default 1)
returns void language sql as $$
  select latchkey.record_refused_proof(t, '192.0.2.66')
  from latchkey.refresh_tokens t, generate_series(1, times)
  where t.session_id = tests.session_id('ann', device);
$$;

select is(
  tests.after(change, $$select tests.events('ann')$$), expected, name
)
from (values
  ('one event', 'select pg_temp.refuse()', '1 authn_proof_refused by'),
  ('many refusals are one event', 'select pg_temp.refuse(times => 20)',
    '1 authn_proof_refused by'),
  ('each session has its own',
    'select pg_temp.refuse(device) from (values (1), (2), (2)) d (device)',
    '1 authn_proof_refused by, 2 authn_proof_refused by'),
  ('a minute later there is another',
    $$select pg_temp.refuse();
      update latchkey.session_events set created_at = now() - interval '1 minute'
      where event = 'authn_proof_refused';
      select pg_temp.refuse(times => 2)$$,
    '1 authn_proof_refused by, 1 authn_proof_refused by')
) cases (name, change, expected);

select tests.refresh('ann', 0);
select tests.refresh_with('one', 0, 'a thief''s');
select results_eq(
  $$select session_id, user_id, reason::text, ip, user_agent, actor_ip
    from latchkey.session_events
    where event = 'authn_proof_refused' and session_id = tests.session_id('ann')$$,
  $$values (tests.session_id('ann'), tests.get_supabase_uid('ann'), null::text,
    '192.0.2.1'::inet, 'Firefox', null::inet)$$,
  'refresh() writes it, with the address that the request came from'
);

select * from finish();
rollback;
