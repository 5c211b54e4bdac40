begin;
select plan(8);

select throws_ok(
  format('insert into latchkey.receivers (url, audience) values (%L, ''a'')', url), '23514', null, url
)
from unnest(array[
  'http://one.example/', 'ftp://one.example/', 'https://', 'https://user:secret@one.example/',
  'http://localhost.example/', 'javascript:alert(1)'
]) url;
select lives_ok(
  format('insert into latchkey.receivers (url, audience) values (%L, ''a'')', url), url
)
from unnest(array['https://one.example:8443/events?a=b', 'http://127.0.0.1:8080/events']) url;

select * from finish();
rollback;
