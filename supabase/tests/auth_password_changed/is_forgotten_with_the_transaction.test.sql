-- A connection of a pool serves many users: the note must not outlive its transaction.
-- A file is one transaction and cannot look beyond it, so the text has to do.
begin;
select plan(1);

select matches(
  (select prosrc from pg_proc where oid = 'latchkey.auth_password_changed()'::regprocedure),
  'set_config\(''latchkey.password_changed_by'', [^,]*, true\)',
  'The note is set for the transaction, not for the connection'
);

select * from finish();
rollback;
