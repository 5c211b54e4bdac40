-- PostgreSQL lets everybody execute a function that is new, and the grants come
-- last: an upgrade that is under way, or that stopped half-way, would let anybody
-- with the publishable key end sessions. So the API roles stay outside of the
-- schema until then. Policies with session_active() go on working, and so do the
-- functions with their own roles.

revoke usage on schema latchkey from public, anon, authenticated;
