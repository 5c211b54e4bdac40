begin;
select plan(4);
select tests.sign_in('ann', device) from generate_series(1, 4) device;
update latchkey.refresh_tokens
set generation = 5, rotated_at = now() - interval '1 hour'
where session_id = tests.session_id('ann', 4);

select is(
  tests.after(change, format(
    $$select concat_ws(' ', reason, right(actor_session_id::text, 1), host(actor_ip), host(ip))
      from latchkey.session_events
      where session_id = tests.session_id('ann', %s) and event <> 'session_created'$$, device
  )),
  expected, name
)
from (values
  ('another session: it, its address, and the address of the sign-in', 2,
    $$select latchkey.revoke(tests.session_id('ann'), tests.get_supabase_uid('ann'), null, null,
        tests.session_id('ann', 2), '198.51.100.1')$$,
    'user 1 198.51.100.1 192.0.2.2'),
  ('an administrator: an address and no session', 3,
    $$select latchkey.revoke_by_admin(null, tests.session_id('ann', 3), 'admin', '198.51.100.2')$$,
    'admin 198.51.100.2 192.0.2.3'),
  ('a reused token: the address that sent it', 4,
    $$select latchkey.refresh(tests.session_id('ann', 4), 3, tests.secret_hash('ann', 4), null,
        '198.51.100.3')$$,
    'reuse 4 198.51.100.3 192.0.2.4'),
  ('Supabase Auth: neither', 1, $$delete from auth.sessions where id = tests.session_id('ann')$$,
    'signed_out 192.0.2.1')
) cases (name, device, change, expected);

select * from finish();
rollback;
