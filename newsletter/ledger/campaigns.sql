-- Second step: campaigns, of which one row stands for a whole list, and sends that leave later and can be taken back.
--
--   accepted -> skipped     cancelled before it left

ALTER TABLE recipient ADD COLUMN copies INTEGER NOT NULL DEFAULT 1 CHECK(copies >= 0);
ALTER TABLE send ADD COLUMN at_utc TEXT;                         -- when the provider is to let it leave; NULL: at once

DROP TRIGGER recipient_moves;
CREATE TRIGGER recipient_moves BEFORE UPDATE OF state ON recipient
WHEN OLD.state || ' ' || NEW.state NOT IN (
  'planned submitting', 'planned skipped',
  'submitting accepted', 'submitting rejected', 'submitting unknown', 'submitting planned',
  'unknown accepted', 'unknown rejected', 'unknown planned', 'rejected planned')
AND NOT (OLD.state = 'accepted' AND NEW.state = 'skipped'
  AND (SELECT at_utc FROM send WHERE id = OLD.send) IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'illegal change of state'); END;
CREATE TRIGGER recipient_counts BEFORE UPDATE OF copies ON recipient
BEGIN SELECT RAISE(ABORT, 'a recipient stays who it is'); END;
CREATE TRIGGER send_leaves BEFORE UPDATE OF at_utc ON send
BEGIN SELECT RAISE(ABORT, 'a send stays what it is'); END;
