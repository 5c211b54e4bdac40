-- As supabase-js reads it: select * works, for every column is harmless.
begin;
select plan(1);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');
update latchkey.refresh_tokens set
  created_at = '2026-01-01T00:00:00Z', rotated_at = '2026-02-01T00:00:00Z',
  expires_at = '2126-01-01T00:00:00Z', idle_expires_at = '2125-01-01T00:00:00Z'
where user_id = tests.get_supabase_uid('ann');
select tests.authenticate_as('ann');

select results_eq(
  'select * from latchkey.sessions order by session_id',
  $$values
    (tests.session_id('ann'), tests.get_supabase_uid('ann'),
      '2026-01-01T00:00:00Z'::timestamptz, '2026-02-01T00:00:00Z'::timestamptz,
      '2125-01-01T00:00:00Z'::timestamptz, 'aal1',
      'Firefox', '192.0.2.1'::inet, 'Laptop', true),
    (tests.session_id('ann', 2), tests.get_supabase_uid('ann'),
      '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z',
      '2125-01-01T00:00:00Z', 'aal1',
      'Safari', '192.0.2.2', 'Phone', false)$$,
  'The own ones, with the calling one marked, and none of another user'
);
reset role;

select * from finish();
rollback;
