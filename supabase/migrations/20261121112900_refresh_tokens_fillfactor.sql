-- A page of 20 sessions keeps room for four new versions, where one of 17 kept
-- room for seven: more than rotations ever need at once, because the next one
-- takes the old versions away. A session takes 70 bytes less. Pages that are
-- there already stay as they are.

alter table latchkey.refresh_tokens set (fillfactor = 85);
