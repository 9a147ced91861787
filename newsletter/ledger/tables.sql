-- What was sent: every send, every batch, every person, and what became of each.
-- A state is changed only along these arrows, and the triggers hold that whatever the program does:
--
--   planned -> submitting -> accepted | rejected | unknown | planned    (planned: it certainly never left)
--   planned -> skipped                          opted out, or erased, since the plan
--   unknown -> accepted | rejected | planned    looked up at the provider, or settled by a person
--   rejected -> planned                         send --retry-rejected

CREATE TABLE send(
  id           INTEGER PRIMARY KEY,
  uid          TEXT NOT NULL UNIQUE,                          -- stands in the receipt
  rehearsal    INTEGER NOT NULL CHECK(rehearsal IN (0, 1)),   -- the outbox: a name space of its own
  issue        TEXT NOT NULL,
  list         TEXT NOT NULL,
  edition      INTEGER NOT NULL CHECK(edition > 0),           -- 2: a deliberate correction
  provider     TEXT NOT NULL,
  account      TEXT NOT NULL,      -- which account or server; never a key
  subject      TEXT NOT NULL,
  content      TEXT NOT NULL,      -- SHA-256 of what readers see, whatever the issue is called
  version      TEXT NOT NULL,      -- SHA-256 of the message and the greeting
  message      BLOB NOT NULL,      -- the message itself: a send that goes on sends these bytes
  skipped      TEXT NOT NULL,      -- JSON: how many of the list were left out at planning, by reason
  key_id       BLOB NOT NULL,      -- of the workspace's key, so that a ledger is never read with another
  planned_utc  TEXT NOT NULL,
  tool         TEXT NOT NULL,      -- the version of this program
  UNIQUE(rehearsal, issue, list, edition)
) STRICT;

CREATE TABLE batch(
  send          INTEGER NOT NULL REFERENCES send,
  number        INTEGER NOT NULL,
  attempts      INTEGER NOT NULL DEFAULT 0,
  key           TEXT,                                         -- idempotency key of the last attempt
  since_utc     TEXT,                                         -- when that key was first used, by both clocks
  since_boot    TEXT,
  since_ticks   INTEGER,
  PRIMARY KEY(send, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE recipient(
  id           INTEGER PRIMARY KEY,                           -- people of a batch lie side by side
  rehearsal    INTEGER NOT NULL,
  issue        TEXT NOT NULL,
  edition      INTEGER NOT NULL,
  person       BLOB NOT NULL,                                 -- keyed hash of the canonical address
  send         INTEGER NOT NULL,
  batch        INTEGER NOT NULL,
  address      TEXT,                                          -- NULL once erased, or past its retention
  name         TEXT,
  greeting     TEXT,
  state        TEXT NOT NULL DEFAULT 'planned'
               CHECK(state IN ('planned', 'submitting', 'accepted', 'rejected', 'unknown', 'skipped')),
  handed       INTEGER,                                       -- when last handed over, seconds since 1970 UTC
  message_id   TEXT,                                          -- the provider's
  reason       TEXT,
  UNIQUE(rehearsal, issue, edition, person),       -- the fence: one issue reaches one address once, across all lists
  FOREIGN KEY(send, batch) REFERENCES batch
) STRICT;
-- No index holds the state: it changes twice for each person, and an index would be written each time.
CREATE INDEX recipient_batch ON recipient(send, batch);
CREATE INDEX recipient_person ON recipient(person);

CREATE TABLE event(                                           -- the audit trail: append-only, no addresses
  id INTEGER PRIMARY KEY, utc TEXT NOT NULL, pid INTEGER NOT NULL, who TEXT NOT NULL,
  send INTEGER, batch INTEGER, what TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
CREATE INDEX event_by_send ON event(send);

CREATE TRIGGER recipient_begins BEFORE INSERT ON recipient WHEN NEW.state <> 'planned'
BEGIN SELECT RAISE(ABORT, 'a recipient begins as planned'); END;
CREATE TRIGGER recipient_moves BEFORE UPDATE OF state ON recipient
WHEN OLD.state || ' ' || NEW.state NOT IN (
  'planned submitting', 'planned skipped',
  'submitting accepted', 'submitting rejected', 'submitting unknown', 'submitting planned',
  'unknown accepted', 'unknown rejected', 'unknown planned', 'rejected planned')
BEGIN SELECT RAISE(ABORT, 'illegal change of state'); END;
CREATE TRIGGER recipient_stays BEFORE DELETE ON recipient
BEGIN SELECT RAISE(ABORT, 'what was planned stays recorded'); END;
CREATE TRIGGER recipient_is BEFORE UPDATE OF id, rehearsal, issue, edition, person, send, batch ON recipient
BEGIN SELECT RAISE(ABORT, 'a recipient stays who it is'); END;
CREATE TRIGGER send_stays BEFORE DELETE ON send
BEGIN SELECT RAISE(ABORT, 'what was planned stays recorded'); END;
CREATE TRIGGER send_is BEFORE UPDATE OF id, uid, rehearsal, issue, list, edition, provider, account, subject, content,
  version, message, key_id, planned_utc, tool ON send
BEGIN SELECT RAISE(ABORT, 'a send stays what it is'); END;
CREATE TRIGGER batch_stays BEFORE DELETE ON batch
BEGIN SELECT RAISE(ABORT, 'what was planned stays recorded'); END;
CREATE TRIGGER event_stays BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER event_is BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
