begin;
select plan(6);

select is(
  latchkey.attempt_key(kind, one) = latchkey.attempt_key(other_kind, other), same, name
)
from (values
  ('IPv6 addresses of one /64 network', true, 'address', '2001:db8:1:2::1', 'address',
    '2001:db8:1:2:ffff:ffff:ffff:ffff'),
  ('IPv6 addresses of two /64 networks', false, 'address', '2001:db8:1:2::1', 'address',
    '2001:db8:1:3::1'),
  ('an IPv4-mapped IPv6 address', true, 'address', '::ffff:192.0.2.1', 'address', '192.0.2.1'),
  ('two IPv4 addresses', false, 'address', '192.0.2.1', 'address', '192.0.2.2'),
  ('an account with the name of an address', false, 'account', '192.0.2.1', 'address', '192.0.2.1')
) cases (name, same, kind, one, other_kind, other);
select is(
  latchkey.attempt_key('account', 'ann@pgtap.example'), sha256('account:ann@pgtap.example'),
  'the owner of the database can compute the hash, to find an account'
);

select * from finish();
rollback;
