-- Second step: how far each list has been brought up to date with what its provider knows.

CREATE TABLE synced(
  list         TEXT NOT NULL,
  account      TEXT NOT NULL,                   -- of the provider, without any key
  until_utc    TEXT NOT NULL,                   -- what happened before is known here
  PRIMARY KEY(list, account)
) STRICT, WITHOUT ROWID;
