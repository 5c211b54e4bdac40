-- API keys carry no session.
begin;
select plan(4);

create function pg_temp.session_active(role text, claims text) returns boolean
language plpgsql as $$
begin
  perform set_config('request.jwt.claims', claims, true), set_config('role', role, true);
  return latchkey.session_active();
end
$$;

select is(
  tests.after('select', format('select pg_temp.session_active(%L, %L)', role, claims)),
  'false', name
)
from (values
  ('no claims', 'anon', ''),
  ('a publishable key', 'anon', '{"role": "anon"}'),
  ('an empty session_id', 'authenticated', '{"role": "authenticated", "session_id": ""}'),
  ('a secret key', 'service_role', '{"role": "service_role"}')
) cases (name, role, claims);

select * from finish();
rollback;
