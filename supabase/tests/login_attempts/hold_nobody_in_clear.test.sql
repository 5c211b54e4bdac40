begin;
select plan(2);

delete from latchkey.login_attempts;
select latchkey.attempt('ann@pgtap.example', '192.0.2.1');

select is((select count(*) from latchkey.login_attempts), 2::bigint, 'An account, an address');
select is_empty(
  $$select a from latchkey.login_attempts a
    where a::text like '%ann%' or a::text like '%192.0.2%'
      or encode(key_hash, 'escape') ~ 'ann|192'$$,
  'Only hashes of them'
);

select * from finish();
rollback;
