begin;
select plan(1);

select tests.sign_in('ann');
update auth.users set email = 'ann.new@pgtap.example', raw_user_meta_data = '{"name": "Ann"}'
where id = tests.get_supabase_uid('ann');

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), null::text)$$,
  'A change of the profile ends nothing'
);

select * from finish();
rollback;
