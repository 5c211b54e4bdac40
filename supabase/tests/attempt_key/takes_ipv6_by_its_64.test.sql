begin;
select plan(4);

select is(
  latchkey.attempt_key('address', '2001:db8:1:2::1'),
  latchkey.attempt_key('address', '2001:db8:1:2:ffff:ffff:ffff:ffff'),
  'One network'
);
select isnt(
  latchkey.attempt_key('address', '2001:db8:1:2::1'),
  latchkey.attempt_key('address', '2001:db8:1:3::1'),
  'The next one'
);
select is(
  latchkey.attempt_key('address', '::ffff:192.0.2.1'),
  latchkey.attempt_key('address', '192.0.2.1'),
  'An IPv4 address in the form of IPv6'
);
select isnt(
  latchkey.attempt_key('address', '192.0.2.1'),
  latchkey.attempt_key('address', '192.0.2.2'),
  'Two IPv4 addresses'
);

select * from finish();
rollback;
