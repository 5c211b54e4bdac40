begin;
select plan(1);

select set_eq(
  $$select pg_get_triggerdef(t.oid), t.tgenabled::text
    from pg_trigger t join pg_proc f on f.oid = t.tgfoid
    where not t.tgisinternal and t.tgparentid = 0
      and (f.pronamespace = 'latchkey'::regnamespace or t.tgrelid in (
        select oid from pg_class where relnamespace = 'latchkey'::regnamespace
      ))$$,
  $$values
    ('CREATE TRIGGER custom_access_token_hook_exists BEFORE INSERT OR UPDATE ON latchkey.settings '
      'FOR EACH ROW WHEN ((new.custom_access_token_hook IS NOT NULL)) '
      'EXECUTE FUNCTION latchkey.check_custom_access_token_hook()', 'O'),
    ('CREATE TRIGGER session_revoked AFTER UPDATE OF revoked_at ON latchkey.refresh_tokens '
      'FOR EACH ROW WHEN (((old.revoked_at IS NULL) AND (new.revoked_at IS NOT NULL) '
      'AND (new.revoked_by IS NULL))) EXECUTE FUNCTION latchkey.session_revoked()', 'O'),
    ('CREATE TRIGGER session_deleted AFTER DELETE ON latchkey.refresh_tokens '
      'REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT '
      'EXECUTE FUNCTION latchkey.session_deleted()', 'O'),
    ('CREATE TRIGGER latchkey_auth_sessions_deleted AFTER DELETE ON auth.sessions '
      'REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT '
      'EXECUTE FUNCTION latchkey.auth_sessions_deleted()', 'O'),
    ('CREATE TRIGGER latchkey_auth_password_changed '
      'AFTER UPDATE ON auth.users '
      'FOR EACH ROW EXECUTE FUNCTION latchkey.auth_password_changed()', 'O'),
    ('CREATE TRIGGER latchkey_auth_user_banned AFTER UPDATE ON auth.users '
      'FOR EACH ROW EXECUTE FUNCTION latchkey.auth_user_banned()', 'O')$$,
  'one on the settings, two on the sessions, one on auth.sessions, two on auth.users'
);

select * from finish();
rollback;
