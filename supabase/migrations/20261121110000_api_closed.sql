-- PostgreSQL lets everybody execute a function that is new, and the grants come
-- last: an upgrade that is under way, or that stopped half-way, would let anybody
-- with the publishable key end sessions. So the API roles stay outside of the
-- schema until then. Policies with session_active() go on working, and so do the
-- functions with their own roles.
--
-- Not to be done again: where check_request() is in use, which comes below, this
-- would close the whole Data API. A later version revokes beside each function
-- that it creates.

revoke usage on schema latchkey from public, anon, authenticated;
