-- The people of the lists that are kept here, and who has opted out of any list, wherever that is kept.
-- "person" is the keyed hash that stands for an address, however that is written (tokens.person_key).

CREATE TABLE workspace(
  key_id       BLOB NOT NULL       -- of the workspace's key, so that opt-outs are never looked up with another
) STRICT;

CREATE TABLE member(
  id           INTEGER PRIMARY KEY,             -- the order in which they came
  list         TEXT NOT NULL,
  person       BLOB NOT NULL CHECK(length(person) = 16),
  address      TEXT NOT NULL,
  name         TEXT NOT NULL,
  first_name   TEXT NOT NULL,
  source       TEXT NOT NULL CHECK(source <> ''), -- how they came to agree
  consent_day  TEXT NOT NULL,                   -- the day for which that was recorded, UTC: 2026-01-05
  added_utc    TEXT NOT NULL,
  UNIQUE(person, list)
) STRICT;
CREATE INDEX member_of_list ON member(list);

CREATE TABLE opt_out(
  person       BLOB NOT NULL CHECK(length(person) = 16),
  list         TEXT NOT NULL,                   -- '': all lists
  reason       TEXT NOT NULL CHECK(reason IN ('unsubscribed', 'bounced', 'complained', 'erased')),
  source       TEXT NOT NULL,                   -- how we know: the command, a token, a provider; no address
  utc          TEXT NOT NULL,
  PRIMARY KEY(person, list, reason)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER opt_out_stays BEFORE DELETE ON opt_out
BEGIN SELECT RAISE(ABORT, 'an opt-out stays'); END;
CREATE TRIGGER opt_out_is BEFORE UPDATE ON opt_out
BEGIN SELECT RAISE(ABORT, 'an opt-out stays as it is'); END;
