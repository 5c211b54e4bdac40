begin;
select plan(6);

select lives_ok($$update latchkey.settings set sessions_per_user = 1$$, 'The least');
select lives_ok($$update latchkey.settings set sessions_per_user = 1000$$, 'The most');
select lives_ok($$update latchkey.settings set sessions_per_user = null$$, 'Any number');
select throws_ok($$update latchkey.settings set sessions_per_user = 0$$, '23514', null, 'Less');
select throws_ok($$update latchkey.settings set sessions_per_user = 1001$$, '23514', null, 'More');
select throws_ok($$update latchkey.settings set at_session_limit = 'hush'$$, '23514', null, 'What happens there is one of two');

select * from finish();
rollback;
