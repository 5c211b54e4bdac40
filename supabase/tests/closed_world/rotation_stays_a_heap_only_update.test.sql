begin;
select plan(3);

select is(
  (select reloptions from pg_class where oid = 'latchkey.refresh_tokens'::regclass),
  array['fillfactor=85'], 'pages keep free space for the new version of a row'
);
select is_empty(
  $$select i.indexrelid::regclass, a.attname
    from pg_index i join pg_depend d on d.objid = i.indexrelid
      and d.classid = 'pg_class'::regclass and d.refobjid = i.indrelid
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = d.refobjsubid
    where i.indrelid = 'latchkey.refresh_tokens'::regclass
      and a.attname in (
        'aal', 'amr', 'generation', 'rotated_at', 'idle_expires_at', 'active_until',
        'proof_ids', 'last_ip', 'last_user_agent', 'client', 'country'
      )$$,
  'no index uses a column that rotation changes, also in an expression or a condition'
);
select is_empty(
  $$select tgname from pg_trigger
    where tgrelid = 'latchkey.refresh_tokens'::regclass and not tgisinternal
      and (tgtype & 16) > 0 and tgattr::text = ''$$,
  'no trigger runs at a rotation'
);

select * from finish();
rollback;
