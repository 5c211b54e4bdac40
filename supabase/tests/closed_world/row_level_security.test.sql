begin;
select plan(3);

select is_empty(
  $$select relname from pg_class
    where relnamespace = 'latchkey'::regnamespace and relkind in ('r', 'p')
      and not relrowsecurity$$,
  'it is enabled for every table and every partition'
);
select is(
  (select reloptions from pg_class where oid = 'latchkey.sessions'::regclass),
  array['security_invoker=true'], 'the view reads with the rights of its reader'
);
select is(
  (select relrowsecurity from pg_class where oid = 'realtime.messages'::regclass),
  true, 'it is enabled for the messages of the channels'
);

select * from finish();
rollback;
