-- dbp:destructive drop-column star.id
-- dbp:destructive drop-column star.parent_id
-- dbp:destructive drop-column star.Rank
-- dbp:destructive drop-column detection.id
-- dbp:destructive drop-column detection.star_id
-- dbp:destructive drop-column note.id
-- dbp:destructive drop-column note.star_id
-- dbp:destructive drop-column note.only_star
-- dbp:ignore rename a second column replaces the first in one step
-- dbp:ignore set-not-null a validated check proves it
-- This replaces star.id, star.parent_id, star.Rank, detection.id, detection.star_id, note.id, note.star_id, note.only_star by second columns that triggers keep in sync, while programs read and write.
-- A step that locks several tables gives way after 300 ms and is tried again: programs would deadlock with it after a second.
-- There is no down file: values outside of the earlier type would be lost. In the down file, write dbp:irreversible and why, or the same steps with the types exchanged.
-- dbp:step
ALTER TABLE star ADD COLUMN id_new bigint;
ALTER TABLE star ADD COLUMN parent_id_new bigint;
ALTER TABLE star ADD COLUMN "Rank_new" bigint;
CREATE FUNCTION zz_star_sync() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN NEW.id_new := NEW.id::bigint; NEW.parent_id_new := NEW.parent_id::bigint; NEW."Rank_new" := NEW."Rank"::bigint; RETURN NEW; END $$;
CREATE TRIGGER zz_star_sync BEFORE INSERT OR UPDATE ON star
  FOR EACH ROW EXECUTE FUNCTION zz_star_sync();
-- dbp:step
ALTER TABLE detection ADD COLUMN id_new bigint;
ALTER TABLE detection ADD COLUMN star_id_new bigint;
CREATE FUNCTION zz_detection_sync() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN NEW.id_new := NEW.id::bigint; NEW.star_id_new := NEW.star_id::bigint; RETURN NEW; END $$;
CREATE TRIGGER zz_detection_sync BEFORE INSERT OR UPDATE ON detection
  FOR EACH ROW EXECUTE FUNCTION zz_detection_sync();
-- dbp:step
ALTER TABLE note ADD COLUMN id_new bigint;
ALTER TABLE note ADD COLUMN star_id_new bigint;
ALTER TABLE note ADD COLUMN only_star_new bigint;
CREATE FUNCTION zz_note_sync() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN NEW.id_new := NEW.id::bigint; NEW.star_id_new := NEW.star_id::bigint; NEW.only_star_new := NEW.only_star::bigint; RETURN NEW; END $$;
CREATE TRIGGER zz_note_sync BEFORE INSERT OR UPDATE ON note
  FOR EACH ROW EXECUTE FUNCTION zz_note_sync();
-- dbp:step repeat statement_timeout=1h
UPDATE star SET id_new = id::bigint, parent_id_new = parent_id::bigint, "Rank_new" = "Rank"::bigint WHERE ctid IN (
  SELECT ctid FROM star WHERE (id_new IS NULL AND id IS NOT NULL) OR (parent_id_new IS NULL AND parent_id IS NOT NULL) OR ("Rank_new" IS NULL AND "Rank" IS NOT NULL) LIMIT 10000);
-- dbp:step repeat statement_timeout=1h
UPDATE detection SET id_new = id::bigint, star_id_new = star_id::bigint WHERE ctid IN (
  SELECT ctid FROM detection WHERE (id_new IS NULL AND id IS NOT NULL) OR (star_id_new IS NULL AND star_id IS NOT NULL) LIMIT 10000);
-- dbp:step repeat statement_timeout=1h
UPDATE note SET id_new = id::bigint, star_id_new = star_id::bigint, only_star_new = only_star::bigint WHERE ctid IN (
  SELECT ctid FROM note WHERE (id_new IS NULL AND id IS NOT NULL) OR (star_id_new IS NULL AND star_id IS NOT NULL) OR (only_star_new IS NULL AND only_star IS NOT NULL) LIMIT 10000);
-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE UNIQUE INDEX CONCURRENTLY star_pkey_new ON star USING btree (id_new);
-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE UNIQUE INDEX CONCURRENTLY star_name_id_key_new ON star USING btree (name, id_new);
-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY "ix_star_parent_id_Rank_new" ON star USING btree (parent_id_new, "Rank_new");
-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE UNIQUE INDEX CONCURRENTLY detection_pkey_new ON detection USING btree (star_id_new, n);
-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE UNIQUE INDEX CONCURRENTLY detection_id_key_new ON detection USING btree (id_new);
-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_late_new ON detection USING btree (star_id_new) WHERE star_id_new > 5;
-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE UNIQUE INDEX CONCURRENTLY note_pkey_new ON note USING btree (id_new);
-- dbp:step
ALTER TABLE star ADD CONSTRAINT star_id_new_nn CHECK (id_new IS NOT NULL) NOT VALID;
ALTER TABLE star ADD CONSTRAINT star_is_counted_new CHECK (id_new > 0) NOT VALID;
-- dbp:step statement_timeout=1h
ALTER TABLE star VALIDATE CONSTRAINT star_id_new_nn;
-- dbp:step statement_timeout=1h
ALTER TABLE star VALIDATE CONSTRAINT star_is_counted_new;
-- dbp:step
ALTER TABLE detection ADD CONSTRAINT detection_id_new_nn CHECK (id_new IS NOT NULL) NOT VALID;
ALTER TABLE detection ADD CONSTRAINT detection_star_id_new_nn CHECK (star_id_new IS NOT NULL) NOT VALID;
-- dbp:step statement_timeout=1h
ALTER TABLE detection VALIDATE CONSTRAINT detection_id_new_nn;
-- dbp:step statement_timeout=1h
ALTER TABLE detection VALIDATE CONSTRAINT detection_star_id_new_nn;
-- dbp:step
ALTER TABLE note ADD CONSTRAINT note_id_new_nn CHECK (id_new IS NOT NULL) NOT VALID;
-- dbp:step statement_timeout=1h
ALTER TABLE note VALIDATE CONSTRAINT note_id_new_nn;
-- dbp:step lock_timeout=300ms
ALTER TABLE detection ADD CONSTRAINT detection_star_id_fkey_new FOREIGN KEY (star_id_new) REFERENCES star(id_new) ON DELETE CASCADE NOT VALID;
-- dbp:step statement_timeout=1h
ALTER TABLE detection VALIDATE CONSTRAINT detection_star_id_fkey_new;
-- dbp:step lock_timeout=300ms
ALTER TABLE note ADD CONSTRAINT note_of_detection_new FOREIGN KEY (star_id_new, n) REFERENCES detection(star_id_new, n) ON DELETE SET NULL NOT VALID;
-- dbp:step statement_timeout=1h
ALTER TABLE note VALIDATE CONSTRAINT note_of_detection_new;
-- dbp:step lock_timeout=300ms
ALTER TABLE note ADD CONSTRAINT note_only_star_fkey_new FOREIGN KEY (only_star_new) REFERENCES star(id_new) ON DELETE SET NULL NOT VALID;
-- dbp:step statement_timeout=1h
ALTER TABLE note VALIDATE CONSTRAINT note_only_star_fkey_new;
-- dbp:step lock_timeout=300ms
ALTER TABLE star ADD CONSTRAINT star_parent_id_fkey_new FOREIGN KEY (parent_id_new) REFERENCES star(id_new) NOT VALID;
-- dbp:step statement_timeout=1h
ALTER TABLE star VALIDATE CONSTRAINT star_parent_id_fkey_new;
-- dbp:step lock_timeout=300ms
ALTER TABLE note DROP CONSTRAINT note_of_detection;
ALTER TABLE note DROP CONSTRAINT note_only_star_fkey;
DROP TRIGGER zz_note_sync ON note;
DROP FUNCTION zz_note_sync();
ALTER TABLE note DROP COLUMN id;
ALTER TABLE note DROP COLUMN star_id;
ALTER TABLE note DROP COLUMN only_star;
ALTER TABLE note RENAME COLUMN id_new TO id;
ALTER TABLE note RENAME COLUMN star_id_new TO star_id;
ALTER TABLE note RENAME COLUMN only_star_new TO only_star;
ALTER TABLE note ALTER COLUMN id SET NOT NULL;
ALTER TABLE note DROP CONSTRAINT note_id_new_nn;
ALTER TABLE note ADD CONSTRAINT note_pkey PRIMARY KEY USING INDEX note_pkey_new;
ALTER TABLE note RENAME CONSTRAINT note_of_detection_new TO note_of_detection;
ALTER TABLE note RENAME CONSTRAINT note_only_star_fkey_new TO note_only_star_fkey;
-- dbp:step lock_timeout=300ms
ALTER TABLE detection DROP CONSTRAINT detection_star_id_fkey;
DROP TRIGGER zz_detection_sync ON detection;
DROP FUNCTION zz_detection_sync();
ALTER SEQUENCE detection_id_seq OWNED BY detection.id_new;
ALTER TABLE detection DROP COLUMN id;
ALTER TABLE detection DROP COLUMN star_id;
ALTER TABLE detection RENAME COLUMN id_new TO id;
ALTER TABLE detection RENAME COLUMN star_id_new TO star_id;
ALTER TABLE detection ALTER COLUMN id SET NOT NULL;
ALTER TABLE detection DROP CONSTRAINT detection_id_new_nn;
ALTER TABLE detection ALTER COLUMN star_id SET NOT NULL;
ALTER TABLE detection DROP CONSTRAINT detection_star_id_new_nn;
ALTER TABLE detection ADD CONSTRAINT detection_pkey PRIMARY KEY USING INDEX detection_pkey_new;
ALTER TABLE detection ADD CONSTRAINT detection_id_key UNIQUE USING INDEX detection_id_key_new;
ALTER TABLE detection RENAME CONSTRAINT detection_star_id_fkey_new TO detection_star_id_fkey;
ALTER INDEX ix_late_new RENAME TO ix_late;
ALTER SEQUENCE detection_id_seq AS bigint;
ALTER TABLE detection ALTER COLUMN id SET DEFAULT nextval('detection_id_seq'::regclass);
-- dbp:step lock_timeout=300ms
ALTER TABLE star DROP CONSTRAINT star_parent_id_fkey;
DROP TRIGGER zz_star_sync ON star;
DROP FUNCTION zz_star_sync();
SELECT set_config('dbp.last_value', last_value::text, true), set_config('dbp.is_called', is_called::text, true) FROM star_id_seq;
ALTER TABLE star DROP COLUMN id;
ALTER TABLE star DROP COLUMN parent_id;
ALTER TABLE star DROP COLUMN "Rank";
ALTER TABLE star RENAME COLUMN id_new TO id;
ALTER TABLE star RENAME COLUMN parent_id_new TO parent_id;
ALTER TABLE star RENAME COLUMN "Rank_new" TO "Rank";
ALTER TABLE star ALTER COLUMN id SET NOT NULL;
ALTER TABLE star DROP CONSTRAINT star_id_new_nn;
ALTER TABLE star ADD CONSTRAINT star_pkey PRIMARY KEY USING INDEX star_pkey_new;
ALTER TABLE star ADD CONSTRAINT star_name_id_key UNIQUE USING INDEX star_name_id_key_new;
ALTER TABLE star RENAME CONSTRAINT star_is_counted_new TO star_is_counted;
ALTER TABLE star RENAME CONSTRAINT star_parent_id_fkey_new TO star_parent_id_fkey;
ALTER INDEX "ix_star_parent_id_Rank_new" RENAME TO "ix_star_parent_id_Rank";
ALTER TABLE star ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME star_id_seq);
SELECT setval('star_id_seq', current_setting('dbp.last_value')::bigint, current_setting('dbp.is_called')::boolean);
COMMENT ON COLUMN star.id IS 'The number of a star';
