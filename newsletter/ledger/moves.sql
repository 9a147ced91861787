-- Third step: the same arrows, asked for so that it costs little: it is done twice for each person of a send. SQLite
-- makes the list of an IN anew each time that a trigger runs.

DROP TRIGGER recipient_moves;
CREATE TRIGGER recipient_moves BEFORE UPDATE OF state ON recipient
WHEN NOT instr(
  ' planned>submitting planned>skipped'
  || ' submitting>accepted submitting>rejected submitting>unknown submitting>planned'
  || ' unknown>accepted unknown>rejected unknown>planned rejected>planned ',
  ' ' || OLD.state || '>' || NEW.state || ' ')
AND NOT (OLD.state = 'accepted' AND NEW.state = 'skipped'
  AND (SELECT at_utc FROM send WHERE id = OLD.send) IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'illegal change of state'); END;
