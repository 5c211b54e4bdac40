begin;
select plan(8);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');
update latchkey.settings set revoke_max_age = '5 minutes';

-- Authentication methods of which the password was the given time ago.
create function pg_temp.amr(seconds integer, more jsonb default '[]') returns jsonb
language sql as $$
  select jsonb_build_object('amr', more || jsonb_build_array(jsonb_build_object(
    'method', 'password', 'timestamp', extract(epoch from now())::bigint - seconds
  )));
$$;
create function pg_temp.revoke_session(target uuid) returns text language plpgsql as $$
begin
  return latchkey.revoke_session(target::text);
exception when sqlstate 'PGRST' then
  return sqlerrm::jsonb ->> 'code';
end
$$;

select is(
  tests.after(
    format($$select tests.authenticate_as('ann', 1, %L)$$, claims),
    format($$select concat(pg_temp.revoke_session(%L), ', ', tests.sessions('ann'), ', ', tests.sessions('bob'))$$, target)
  ),
  expected || ', 1 active', name
)
from (values
  ('another session', pg_temp.amr(301), tests.session_id('ann', 2),
    'reauthentication_required, 1 active, 2 active'),
  ('another user''s session gets the same answer', pg_temp.amr(301), tests.session_id('bob'),
    'reauthentication_required, 1 active, 2 active'),
  ('an unknown session gets the same answer', pg_temp.amr(301), tests.session_id('cat'),
    'reauthentication_required, 1 active, 2 active'),
  ('the caller''s own session needs no recent sign-in', pg_temp.amr(999999),
    tests.session_id('ann'), 'true, 1 signed_out, 2 active'),
  ('of several methods the latest counts',
    pg_temp.amr(299, '[{"method": "otp", "timestamp": 1}, "pwd"]'), tests.session_id('ann', 2),
    'true, 1 active, 2 user'),
  ('no amr counts as long ago', '{"amr": null}', tests.session_id('ann', 2),
    'reauthentication_required, 1 active, 2 active'),
  ('methods without a time count as long ago', '{"amr": ["pwd"]}', tests.session_id('ann', 2),
    'reauthentication_required, 1 active, 2 active'),
  ('a time that is not a number counts as long ago',
    '{"amr": [{"method": "password", "timestamp": "9999999999"}]}', tests.session_id('ann', 2),
    'reauthentication_required, 1 active, 2 active')
) cases (name, claims, target, expected);

select * from finish();
rollback;
