-- No policy allows writing: the API is read-only.
begin;
select plan(7);

select policies_are('latchkey', 'outbox', '{}'::name[]);
select policies_are('latchkey', 'receivers', '{}'::name[]);
select policies_are('latchkey', 'settings', '{}'::name[]);
select policies_are('latchkey', 'refresh_tokens', array['Users read their own sessions']);
select policies_are('latchkey', 'session_events', array['Users read their own events']);
select policies_are(
  'realtime', 'messages', array['Latchkey: users listen on their own channels']
);
select set_eq(
  $$select schemaname::text, tablename::text, cmd, permissive, roles::text[], with_check
    from pg_policies where schemaname = 'latchkey' or qual like '%latchkey.%'
      or with_check like '%latchkey.%'$$,
  $$values
    ('latchkey', 'refresh_tokens', 'SELECT', 'PERMISSIVE', array['authenticated'], null),
    ('latchkey', 'session_events', 'SELECT', 'PERMISSIVE', array['authenticated'], null),
    ('realtime', 'messages', 'SELECT', 'PERMISSIVE', array['authenticated'], null)$$,
  'each is for select by signed-in users'
);

select * from finish();
rollback;
