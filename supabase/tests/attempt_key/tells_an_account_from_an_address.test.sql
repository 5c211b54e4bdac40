begin;
select plan(2);

select isnt(
  latchkey.attempt_key('account', '192.0.2.1'), latchkey.attempt_key('address', '192.0.2.1'),
  'Of the same text'
);
select is(
  latchkey.attempt_key('account', 'ann@pgtap.example'), sha256('account:ann@pgtap.example'),
  'A hash an owner can compute, to look for an account by hand'
);

select * from finish();
rollback;
