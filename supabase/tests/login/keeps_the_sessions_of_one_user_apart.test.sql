begin;
select plan(1);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);

select results_eq(
  $$select session_id, device_name from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') and revoked_at is null
    order by session_id$$,
  $$values (tests.session_id('ann'), 'Laptop'),
      (tests.session_id('ann', 2), 'Phone')$$,
  'A second sign-in ends nothing'
);

select * from finish();
rollback;
