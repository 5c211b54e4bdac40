-- An IPv6 client can usually choose any address in its /64, so the /64 is counted. An
-- IPv4-mapped IPv6 address counts as the IPv4 address.

create function latchkey.attempt_key(kind text, identifier text)
returns bytea
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  address inet;
begin
  if kind = 'address' then
    address := identifier::inet;
    identifier := case
      when address <<= inet '::ffff:0.0.0.0/96' then replace(host(address), '::ffff:', '')
      when family(address) = 6 then host(network(set_masklen(address, 64)))
      else host(address)
    end;
  end if;
  return sha256(convert_to(kind || ':' || identifier, 'UTF8'));
end
$$;

comment on function latchkey.attempt_key(text, text) is
  'sha256 of an account (an e-mail address or phone number as the functions normalise it) or of a client address (IPv6 by its /64). Internal.';
