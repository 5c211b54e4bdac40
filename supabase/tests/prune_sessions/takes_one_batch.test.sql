begin;
select plan(3);

select tests.sign_in('ann', device) from generate_series(1, 4) device;

update latchkey.refresh_tokens set idle_expires_at = now() - interval '31 days'
where user_id = tests.get_supabase_uid('ann');

select is(latchkey.prune_sessions(3), 3, 'As many as it is told');
select is(latchkey.prune_sessions(3), 1, 'Then the rest');
select is(latchkey.prune_sessions(3), 0, 'Then none');

select * from finish();
rollback;
