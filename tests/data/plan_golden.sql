-- # a new nullable column
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ADD COLUMN c character varying;
COMMENT ON COLUMN t.c IS 'It''s new';

-- down
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:destructive drop-column t.c

ALTER TABLE t DROP COLUMN c;

-- # a new required column with a fixed default
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ADD COLUMN c integer DEFAULT 0 NOT NULL;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:destructive drop-column t.c

ALTER TABLE t DROP COLUMN c;

-- # a new required column with a default of now
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ADD COLUMN c timestamp with time zone DEFAULT now() NOT NULL;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:destructive drop-column t.c

ALTER TABLE t DROP COLUMN c;

-- # a new required column with a default that differs from row to row
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
-- The default of t.c differs from row to row, so a later step fills the existing rows in batches.
ALTER TABLE t ADD COLUMN c uuid;
ALTER TABLE t ALTER COLUMN c SET DEFAULT gen_random_uuid();
ALTER TABLE t ADD CONSTRAINT t_c_nn CHECK (c IS NOT NULL) NOT VALID;

-- dbp:step repeat statement_timeout=1h
UPDATE t SET c = DEFAULT WHERE ctid IN (SELECT ctid FROM t WHERE c IS NULL LIMIT 10000);

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_c_nn;

-- dbp:step
ALTER TABLE t ALTER COLUMN c SET NOT NULL;
ALTER TABLE t DROP CONSTRAINT t_c_nn;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:destructive drop-column t.c

ALTER TABLE t DROP COLUMN c;

-- # a new nullable column with a default that differs from row to row
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
-- The default of t.c differs from row to row, so a later step fills the existing rows in batches.
ALTER TABLE t ADD COLUMN c double precision;
ALTER TABLE t ALTER COLUMN c SET DEFAULT random();

-- dbp:step repeat statement_timeout=1h
UPDATE t SET c = DEFAULT WHERE ctid IN (SELECT ctid FROM t WHERE c IS NULL LIMIT 10000);

-- down
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:destructive drop-column t.c

ALTER TABLE t DROP COLUMN c;

-- # a new required column with a default only in the model
-- This file runs in one transaction. You can edit this file until it is applied.

-- t.c has no default: from this step on, every INSERT into t must provide a value.
ALTER TABLE t ADD COLUMN c character varying DEFAULT 'it''s' NOT NULL;
ALTER TABLE t ALTER COLUMN c DROP DEFAULT;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:destructive drop-column t.c

ALTER TABLE t DROP COLUMN c;

-- # a required column with a value from the user
-- This file runs in one transaction. You can edit this file until it is applied.

-- t.c has no default: from this step on, every INSERT into t must provide a value.
ALTER TABLE t ADD COLUMN c integer DEFAULT 7 NOT NULL;
ALTER TABLE t ALTER COLUMN c DROP DEFAULT;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:destructive drop-column t.c

ALTER TABLE t DROP COLUMN c;

-- # a new required column of an empty table
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:ignore add-column-not-null t had no rows when this file was generated

-- t.c has no default: from this step on, every INSERT into t must provide a value.
ALTER TABLE t ADD COLUMN c integer NOT NULL;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:destructive drop-column t.c

ALTER TABLE t DROP COLUMN c;

-- # a column becomes NOT NULL
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
-- t.c has no default: from this step on, every INSERT into t must provide a value.
ALTER TABLE t ADD CONSTRAINT t_c_nn CHECK (c IS NOT NULL) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_c_nn;

-- dbp:step
ALTER TABLE t ALTER COLUMN c SET NOT NULL;
ALTER TABLE t DROP CONSTRAINT t_c_nn;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

-- t.c may be null from this step on: programs that read it must expect null.
ALTER TABLE t ALTER COLUMN c DROP NOT NULL;

-- # a column becomes NOT NULL and gets a default
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
ALTER TABLE t ALTER COLUMN c SET DEFAULT 3;
ALTER TABLE t ADD CONSTRAINT t_c_nn CHECK (c IS NOT NULL) NOT VALID;

-- dbp:step repeat statement_timeout=1h
UPDATE t SET c = DEFAULT WHERE ctid IN (SELECT ctid FROM t WHERE c IS NULL LIMIT 10000);

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_c_nn;

-- dbp:step
ALTER TABLE t ALTER COLUMN c SET NOT NULL;
ALTER TABLE t DROP CONSTRAINT t_c_nn;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

-- t.c may be null from this step on: programs that read it must expect null.
ALTER TABLE t ALTER COLUMN c DROP DEFAULT;
ALTER TABLE t ALTER COLUMN c DROP NOT NULL;

-- # a column becomes NOT NULL with a value from the user
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
-- t.c has no default: from this step on, every INSERT into t must provide a value.
ALTER TABLE t ADD CONSTRAINT t_c_nn CHECK (c IS NOT NULL) NOT VALID;

-- dbp:step repeat statement_timeout=1h
UPDATE t SET c = -1 WHERE ctid IN (SELECT ctid FROM t WHERE c IS NULL LIMIT 10000);

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_c_nn;

-- dbp:step
ALTER TABLE t ALTER COLUMN c SET NOT NULL;
ALTER TABLE t DROP CONSTRAINT t_c_nn;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

-- t.c may be null from this step on: programs that read it must expect null.
ALTER TABLE t ALTER COLUMN c DROP NOT NULL;

-- # two columns become NOT NULL at once
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
-- t.b has no default: from this step on, every INSERT into t must provide a value.
ALTER TABLE t ALTER COLUMN a SET DEFAULT 3;
ALTER TABLE t ADD CONSTRAINT t_a_nn CHECK (a IS NOT NULL) NOT VALID;
ALTER TABLE t ADD CONSTRAINT t_b_nn CHECK (b IS NOT NULL) NOT VALID;

-- dbp:step repeat statement_timeout=1h
UPDATE t SET a = coalesce(a, 3), b = coalesce(b, 'it''s') WHERE ctid IN (SELECT ctid FROM t WHERE a IS NULL OR b IS NULL LIMIT 10000);

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_a_nn;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_b_nn;

-- dbp:step
ALTER TABLE t ALTER COLUMN a SET NOT NULL;
ALTER TABLE t DROP CONSTRAINT t_a_nn;
ALTER TABLE t ALTER COLUMN b SET NOT NULL;
ALTER TABLE t DROP CONSTRAINT t_b_nn;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

-- t.b may be null from this step on: programs that read it must expect null.
-- t.a may be null from this step on: programs that read it must expect null.
ALTER TABLE t ALTER COLUMN a DROP DEFAULT;
ALTER TABLE t ALTER COLUMN b DROP NOT NULL;
ALTER TABLE t ALTER COLUMN a DROP NOT NULL;

-- # a column becomes nullable
-- This file runs in one transaction. You can edit this file until it is applied.

-- t.c may be null from this step on: programs that read it must expect null.
ALTER TABLE t ALTER COLUMN c DROP NOT NULL;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
-- t.c has no default: from this step on, every INSERT into t must provide a value.
ALTER TABLE t ADD CONSTRAINT t_c_nn CHECK (c IS NOT NULL) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_c_nn;

-- dbp:step
ALTER TABLE t ALTER COLUMN c SET NOT NULL;
ALTER TABLE t DROP CONSTRAINT t_c_nn;

-- # a default is added
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ALTER COLUMN c SET DEFAULT (1 + 1);

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ALTER COLUMN c DROP DEFAULT;

-- # a number becomes an identity
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ALTER COLUMN c ADD GENERATED ALWAYS AS IDENTITY;
SELECT setval(pg_get_serial_sequence('t', 'c'), greatest(nextval(pg_get_serial_sequence('t', 'c')), (SELECT max(c) FROM t)));

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ALTER COLUMN c DROP IDENTITY;

-- # a serial column becomes an identity
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:destructive drop-sequence t_c_seq

ALTER TABLE t ALTER COLUMN c DROP DEFAULT;
DROP SEQUENCE t_c_seq;
ALTER TABLE t ALTER COLUMN c ADD GENERATED BY DEFAULT AS IDENTITY;
SELECT setval(pg_get_serial_sequence('t', 'c'), greatest(nextval(pg_get_serial_sequence('t', 'c')), (SELECT max(c) FROM t)));

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ALTER COLUMN c DROP IDENTITY;
CREATE SEQUENCE t_c_seq AS integer OWNED BY t.c;
ALTER TABLE t ALTER COLUMN c SET DEFAULT nextval('t_c_seq');
SELECT setval(pg_get_serial_sequence('t', 'c'), greatest(nextval(pg_get_serial_sequence('t', 'c')), (SELECT max(c) FROM t)));

-- # an identity becomes a serial column
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ALTER COLUMN c DROP IDENTITY;
CREATE SEQUENCE t_c_seq AS integer OWNED BY t.c;
ALTER TABLE t ALTER COLUMN c SET DEFAULT nextval('t_c_seq');
SELECT setval(pg_get_serial_sequence('t', 'c'), greatest(nextval(pg_get_serial_sequence('t', 'c')), (SELECT max(c) FROM t)));

-- down
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:destructive drop-sequence t_c_seq

ALTER TABLE t ALTER COLUMN c DROP DEFAULT;
DROP SEQUENCE t_c_seq;
ALTER TABLE t ALTER COLUMN c ADD GENERATED BY DEFAULT AS IDENTITY;
SELECT setval(pg_get_serial_sequence('t', 'c'), greatest(nextval(pg_get_serial_sequence('t', 'c')), (SELECT max(c) FROM t)));

-- # an identity becomes GENERATED ALWAYS
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ALTER COLUMN c SET GENERATED ALWAYS;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ALTER COLUMN c SET GENERATED BY DEFAULT;

-- # an identity gets other options
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ALTER COLUMN c SET INCREMENT BY 10 SET MINVALUE 5 SET START WITH 5 SET CACHE 3 SET CYCLE RESTART WITH 5;
SELECT setval(pg_get_serial_sequence('t', 'c'), greatest(nextval(pg_get_serial_sequence('t', 'c')), (SELECT max(c) FROM t)));

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ALTER COLUMN c SET INCREMENT BY 1 SET MINVALUE 1 SET START WITH 1 SET CACHE 1 SET NO CYCLE RESTART WITH 1;
SELECT setval(pg_get_serial_sequence('t', 'c'), greatest(nextval(pg_get_serial_sequence('t', 'c')), (SELECT max(c) FROM t)));

-- # an identity becomes a number with a default
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ALTER COLUMN c DROP IDENTITY;
ALTER TABLE t ALTER COLUMN c SET DEFAULT 7;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ALTER COLUMN c DROP DEFAULT;
ALTER TABLE t ALTER COLUMN c ADD GENERATED ALWAYS AS IDENTITY;
SELECT setval(pg_get_serial_sequence('t', 'c'), greatest(nextval(pg_get_serial_sequence('t', 'c')), (SELECT max(c) FROM t)));

-- # new columns that the server fills, of an empty table
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:ignore add-identity t had no rows when this file was generated
-- dbp:ignore add-generated t had no rows when this file was generated
-- dbp:ignore add-serial t had no rows when this file was generated

ALTER TABLE t ADD COLUMN always bigint GENERATED ALWAYS AS IDENTITY NOT NULL;
ALTER TABLE t ADD COLUMN double integer GENERATED ALWAYS AS ((id * 2)) STORED;
ALTER TABLE t ADD COLUMN number serial NOT NULL;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:destructive drop-column t.number
-- dbp:destructive drop-column t.double
-- dbp:destructive drop-column t.always

ALTER TABLE t DROP COLUMN number;
ALTER TABLE t DROP COLUMN double;
ALTER TABLE t DROP COLUMN always;

-- # a default is dropped
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ALTER COLUMN c DROP DEFAULT;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t ALTER COLUMN c SET DEFAULT 1;

-- # comments are added, changed and dropped
-- This file runs in one transaction. You can edit this file until it is applied.

COMMENT ON COLUMN t.a IS 'New [mag]';
COMMENT ON COLUMN t.b IS NULL;
COMMENT ON COLUMN t.c IS 'Came';

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

COMMENT ON COLUMN t.c IS NULL;
COMMENT ON COLUMN t.b IS 'Gone';
COMMENT ON COLUMN t.a IS 'Old';

-- # a check is added
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
ALTER TABLE t ADD CONSTRAINT positive CHECK (c > 0) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT positive;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t DROP CONSTRAINT positive;

-- # a referenced integer key of a small table becomes bigint
-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:ignore alter-type parent and the tables that its keys connect had at most 10000 rows when this file was generated; t and the tables that its keys connect had at most 10000 rows when this file was generated

-- dbp:step
-- The server rewrites all rows of parent, and nobody can use it meanwhile. It is a moment for up to 10000 rows; if parent has many more elsewhere, do not apply this file there.
ALTER TABLE parent ALTER COLUMN id TYPE bigint;

-- dbp:step
-- The server rewrites all rows of t, and nobody can use it meanwhile. It is a moment for up to 10000 rows; if t has many more elsewhere, do not apply this file there.
ALTER TABLE t ALTER COLUMN parent_id TYPE bigint;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:ignore alter-type t had this type before; parent had this type before

-- dbp:step statement_timeout=1h
-- The server may rewrite all rows of t, and blocks all reads until they are rewritten. This fails if a value does not fit integer.
ALTER TABLE t ALTER COLUMN parent_id TYPE integer;

-- dbp:step statement_timeout=1h
-- The server may rewrite all rows of parent, and blocks all reads until they are rewritten. This fails if a value does not fit integer.
ALTER TABLE parent ALTER COLUMN id TYPE integer;

-- # a key and the foreign key to it change
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE UNIQUE INDEX CONCURRENTLY parent_pkey_new ON parent USING btree (id, part);

-- dbp:step lock_timeout=300ms
ALTER TABLE t DROP CONSTRAINT t_parent_id_fkey;
ALTER TABLE parent DROP CONSTRAINT parent_pkey;
ALTER TABLE parent ADD CONSTRAINT parent_pkey PRIMARY KEY USING INDEX parent_pkey_new;

-- dbp:step lock_timeout=300ms
ALTER TABLE t ADD CONSTRAINT t_parent_id_parent_part_fkey FOREIGN KEY (parent_id, parent_part) REFERENCES parent(id, part) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_parent_id_parent_part_fkey;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE UNIQUE INDEX CONCURRENTLY parent_pkey_new ON parent USING btree (id);

-- dbp:step lock_timeout=300ms
ALTER TABLE t DROP CONSTRAINT t_parent_id_parent_part_fkey;
ALTER TABLE parent DROP CONSTRAINT parent_pkey;
ALTER TABLE parent ADD CONSTRAINT parent_pkey PRIMARY KEY USING INDEX parent_pkey_new;

-- dbp:step lock_timeout=300ms
ALTER TABLE t ADD CONSTRAINT t_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES parent(id) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_parent_id_fkey;

-- # a unique key changes
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE UNIQUE INDEX CONCURRENTLY t_a_key ON t USING btree (a);

-- dbp:step
ALTER TABLE t ADD CONSTRAINT t_a_key UNIQUE USING INDEX t_a_key;

-- dbp:step
ALTER TABLE t DROP CONSTRAINT t_a_b_key;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE UNIQUE INDEX CONCURRENTLY t_a_b_key ON t USING btree (a, b);

-- dbp:step
ALTER TABLE t ADD CONSTRAINT t_a_b_key UNIQUE USING INDEX t_a_b_key;

-- dbp:step
ALTER TABLE t DROP CONSTRAINT t_a_key;

-- # a unique key gets the name of an index that is dropped
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE UNIQUE INDEX CONCURRENTLY t_a_key_new ON t USING btree (a);

-- dbp:step
ALTER TABLE t ADD CONSTRAINT t_a_key_new UNIQUE USING INDEX t_a_key_new;

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
DROP INDEX CONCURRENTLY t_a_key;

-- dbp:step
ALTER TABLE t RENAME CONSTRAINT t_a_key_new TO t_a_key;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY t_a_key_new ON t USING btree (b);

-- dbp:step
ALTER TABLE t DROP CONSTRAINT t_a_key;

-- dbp:step
ALTER INDEX t_a_key_new RENAME TO t_a_key;

-- # a check changes
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
ALTER TABLE t ADD CONSTRAINT positive_new CHECK (c >= 0) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT positive_new;

-- dbp:step
ALTER TABLE t DROP CONSTRAINT positive;
ALTER TABLE t RENAME CONSTRAINT positive_new TO positive;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
ALTER TABLE t ADD CONSTRAINT positive_new CHECK (c > 0) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT positive_new;

-- dbp:step
ALTER TABLE t DROP CONSTRAINT positive;
ALTER TABLE t RENAME CONSTRAINT positive_new TO positive;

-- # an enum gets another value
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
ALTER TABLE t ADD CONSTRAINT t_c_check_new CHECK (c = ANY (ARRAY['a'::text, 'b'::text, 'it''s'::text])) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_c_check_new;

-- dbp:step
ALTER TABLE t DROP CONSTRAINT t_c_check;
ALTER TABLE t RENAME CONSTRAINT t_c_check_new TO t_c_check;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
ALTER TABLE t ADD CONSTRAINT t_c_check_new CHECK (c = ANY (ARRAY['a'::text, 'b'::text])) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_c_check_new;

-- dbp:step
ALTER TABLE t DROP CONSTRAINT t_c_check;
ALTER TABLE t RENAME CONSTRAINT t_c_check_new TO t_c_check;

-- # a unique key is added
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE UNIQUE INDEX CONCURRENTLY t_c_key ON t USING btree (c);

-- dbp:step
ALTER TABLE t ADD CONSTRAINT t_c_key UNIQUE USING INDEX t_c_key;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER TABLE t DROP CONSTRAINT t_c_key;

-- # a primary key is added
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
-- t.c has no default: from this step on, every INSERT into t must provide a value.
ALTER TABLE t ADD CONSTRAINT t_c_nn CHECK (c IS NOT NULL) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_c_nn;

-- dbp:step
ALTER TABLE t ALTER COLUMN c SET NOT NULL;
ALTER TABLE t DROP CONSTRAINT t_c_nn;

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE UNIQUE INDEX CONCURRENTLY t_pkey ON t USING btree (id, c);

-- dbp:step
ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_pkey;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

-- t.c may be null from this step on: programs that read it must expect null.
ALTER TABLE t DROP CONSTRAINT t_pkey;
ALTER TABLE t ALTER COLUMN c DROP NOT NULL;

-- # a primary key changes
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE UNIQUE INDEX CONCURRENTLY t_pkey_new ON t USING btree (id, c);

-- dbp:step
ALTER TABLE t DROP CONSTRAINT t_pkey;
ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_pkey_new;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE UNIQUE INDEX CONCURRENTLY t_pkey_new ON t USING btree (id);

-- dbp:step
ALTER TABLE t DROP CONSTRAINT t_pkey;
ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_pkey_new;

-- # a foreign key is added
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step lock_timeout=300ms
ALTER TABLE t ADD CONSTRAINT t_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES parent(id) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_parent_id_fkey;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step lock_timeout=300ms
ALTER TABLE t DROP CONSTRAINT t_parent_id_fkey;

-- # a foreign key changes
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step lock_timeout=300ms
ALTER TABLE t ADD CONSTRAINT t_parent_id_fkey_new FOREIGN KEY (parent_id) REFERENCES parent(id) ON DELETE CASCADE NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_parent_id_fkey_new;

-- dbp:step lock_timeout=300ms
ALTER TABLE t DROP CONSTRAINT t_parent_id_fkey;
ALTER TABLE t RENAME CONSTRAINT t_parent_id_fkey_new TO t_parent_id_fkey;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step lock_timeout=300ms
ALTER TABLE t ADD CONSTRAINT t_parent_id_fkey_new FOREIGN KEY (parent_id) REFERENCES parent(id) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_parent_id_fkey_new;

-- dbp:step lock_timeout=300ms
ALTER TABLE t DROP CONSTRAINT t_parent_id_fkey;
ALTER TABLE t RENAME CONSTRAINT t_parent_id_fkey_new TO t_parent_id_fkey;

-- # a new table with seed rows refers to a table in use
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
CREATE TABLE t (
  id integer NOT NULL,
  parent_id integer,
  CONSTRAINT t_pkey PRIMARY KEY (id)
);
INSERT INTO t (id, parent_id) VALUES
  (1, NULL),
  (2, NULL)
ON CONFLICT DO NOTHING;

-- dbp:step lock_timeout=300ms
ALTER TABLE t ADD CONSTRAINT t_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES parent(id);

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:destructive drop-table t

-- dbp:step lock_timeout=300ms
DROP TABLE t;

-- # a table in use refers to a new table
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
CREATE TABLE parent (
  id integer NOT NULL,
  code character varying NOT NULL,
  CONSTRAINT parent_pkey PRIMARY KEY (id),
  CONSTRAINT parent_code_key UNIQUE (code)
);

-- dbp:step lock_timeout=300ms
ALTER TABLE t ADD CONSTRAINT t_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES parent(id) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_parent_id_fkey;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:destructive drop-table parent

-- dbp:step lock_timeout=300ms
ALTER TABLE t DROP CONSTRAINT t_parent_id_fkey;

-- dbp:step
DROP TABLE parent;

-- # two new tables with an index and a comment
-- This file runs in one transaction. You can edit this file until it is applied.

CREATE TABLE u (
  id integer NOT NULL,
  c character varying,
  CONSTRAINT u_pkey PRIMARY KEY (id)
);
CREATE INDEX ix_u_c ON u USING btree (c);
COMMENT ON COLUMN u.c IS '[mag]';

CREATE TABLE v (
  id integer NOT NULL,
  CONSTRAINT v_pkey PRIMARY KEY (id)
);

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:destructive drop-table v
-- dbp:destructive drop-table u

-- dbp:step lock_timeout=300ms
DROP TABLE v, u;

-- # an index is added
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE UNIQUE INDEX CONCURRENTLY ix_t_c_expr ON t USING btree (c DESC NULLS LAST, lower(c::text)) INCLUDE (id) WHERE id > 0;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
DROP INDEX CONCURRENTLY ix_t_c_expr;

-- # an index that needs an extension is added
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
CREATE EXTENSION IF NOT EXISTS "pg_trgm";

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_t_like_x ON t USING btree (similarity(c::text, 'x'::text));

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
-- The extension pg_trgm is not dropped: other objects may use it.
DROP INDEX CONCURRENTLY ix_t_like_x;

-- # an index changes
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_new ON t USING hash (c);

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
DROP INDEX CONCURRENTLY ix;

-- dbp:step
ALTER INDEX ix_new RENAME TO ix;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_new ON t USING btree (c);

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
DROP INDEX CONCURRENTLY ix;

-- dbp:step
ALTER INDEX ix_new RENAME TO ix;

-- # an index gets another operator class and an ordered expression
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_new ON t USING btree (c text_pattern_ops, lower(c::text) text_pattern_ops DESC);

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
DROP INDEX CONCURRENTLY ix;

-- dbp:step
ALTER INDEX ix_new RENAME TO ix;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_new ON t USING btree (c);

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
DROP INDEX CONCURRENTLY ix;

-- dbp:step
ALTER INDEX ix_new RENAME TO ix;

-- # an index gets another name
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER INDEX ix RENAME TO iy;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

ALTER INDEX iy RENAME TO ix;

-- # an index moves to another table
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_new ON parent USING hash (code);

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
DROP INDEX CONCURRENTLY ix;

-- dbp:step
ALTER INDEX ix_new RENAME TO ix;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_new ON t USING btree (c);

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
DROP INDEX CONCURRENTLY ix;

-- dbp:step
ALTER INDEX ix_new RENAME TO ix;

-- # a partitioned table gets an index
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
-- The index ix is usable when all partitions have their part of it; the next steps build these parts one by one.
CREATE INDEX ix ON ONLY t USING btree (c);

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_t_part_0 ON t_part_0 USING btree (c);

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_t_part_1 ON t_part_1 USING btree (c);

-- dbp:step
ALTER INDEX ix ATTACH PARTITION ix_t_part_0;
ALTER INDEX ix ATTACH PARTITION ix_t_part_1;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:ignore drop-index t is partitioned, so CONCURRENTLY is not available

-- Nobody can use t while the server drops this index: CONCURRENTLY is not available for a partitioned table.
DROP INDEX ix;

-- # a column of a partitioned table becomes NOT NULL, and gets a check
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
ALTER TABLE t ALTER COLUMN c SET DEFAULT 1;
ALTER TABLE t ADD CONSTRAINT t_c_nn CHECK (c IS NOT NULL) NOT VALID;
ALTER TABLE t ADD CONSTRAINT positive CHECK (c > 0) NOT VALID;

-- dbp:step repeat statement_timeout=1h
UPDATE t SET c = DEFAULT WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM t WHERE c IS NULL LIMIT 10000);

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_c_nn;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT positive;

-- dbp:step
ALTER TABLE t ALTER COLUMN c SET NOT NULL;
ALTER TABLE t DROP CONSTRAINT t_c_nn;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.

-- t.c may be null from this step on: programs that read it must expect null.
ALTER TABLE t DROP CONSTRAINT positive;
ALTER TABLE t ALTER COLUMN c DROP DEFAULT;
ALTER TABLE t ALTER COLUMN c DROP NOT NULL;

-- # a text becomes longer
-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:ignore alter-type checked on the server: it does not rewrite the rows of t

-- dbp:step
ALTER TABLE t DROP CONSTRAINT lower;
ALTER TABLE t ALTER COLUMN c TYPE character varying(20);
ALTER TABLE t ADD CONSTRAINT lower CHECK (c::text = lower(c::text)) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT lower;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:ignore alter-type t had this type before

-- dbp:step
ALTER TABLE t DROP CONSTRAINT lower;

-- dbp:step statement_timeout=1h
-- The server may rewrite all rows of t, and blocks all reads until they are rewritten. This fails if a value does not fit character varying(10).
ALTER TABLE t ALTER COLUMN c TYPE character varying(10);

-- dbp:step
ALTER TABLE t ADD CONSTRAINT lower CHECK (c::text = lower(c::text)) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT lower;

-- # a number becomes wider, and a text loses its limit
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:ignore alter-type checked on the server: it does not rewrite the rows of t

ALTER TABLE t ALTER COLUMN n TYPE numeric(8,2);
ALTER TABLE t ALTER COLUMN c TYPE text;
ALTER TABLE t ALTER COLUMN c SET DEFAULT 'x'::text;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:ignore alter-type t had this type before

-- dbp:step statement_timeout=1h
-- The server may rewrite all rows of t, and blocks all reads until they are rewritten. This fails if a value does not fit character varying(10).
ALTER TABLE t ALTER COLUMN c TYPE character varying(10);

-- dbp:step statement_timeout=1h
-- The server may rewrite all rows of t, and blocks all reads until they are rewritten. This fails if a value does not fit numeric(6,2).
ALTER TABLE t ALTER COLUMN n TYPE numeric(6,2);

-- dbp:step
ALTER TABLE t ALTER COLUMN c SET DEFAULT 'x'::character varying;

-- # a column is renamed with all objects that are named after it
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:ignore rename the models ask for it

ALTER TABLE t RENAME COLUMN a TO b;
ALTER TABLE t RENAME COLUMN kind TO sort;
ALTER TABLE t RENAME CONSTRAINT t_kind_check TO t_sort_check;
ALTER TABLE t RENAME CONSTRAINT t_a_key TO t_b_key;
ALTER INDEX ix_t_a RENAME TO ix_t_b;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:ignore rename the models ask for it

ALTER INDEX ix_t_b RENAME TO ix_t_a;
ALTER TABLE t RENAME CONSTRAINT t_b_key TO t_a_key;
ALTER TABLE t RENAME CONSTRAINT t_sort_check TO t_kind_check;
ALTER TABLE t RENAME COLUMN sort TO kind;
ALTER TABLE t RENAME COLUMN b TO a;

-- # a table is renamed with all objects that are named after it
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:ignore rename the models ask for it

ALTER TABLE t RENAME TO things;
ALTER TABLE things RENAME CONSTRAINT t_pkey TO things_pkey;
ALTER INDEX ix_t_c RENAME TO ix_things_c;
ALTER TABLE t_part_0 RENAME TO things_part_0;
ALTER TABLE t_part_1 RENAME TO things_part_1;

-- down
-- This file runs in one transaction. You can edit this file until it is applied.
-- dbp:ignore rename the models ask for it

ALTER TABLE things_part_1 RENAME TO t_part_1;
ALTER TABLE things_part_0 RENAME TO t_part_0;
ALTER INDEX ix_things_c RENAME TO ix_t_c;
ALTER TABLE things RENAME CONSTRAINT things_pkey TO t_pkey;
ALTER TABLE things RENAME TO t;

-- # a column is dropped with the objects that use it
-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:destructive drop-column t.c

-- dbp:step
ALTER TABLE t DROP CONSTRAINT "both";

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
DROP INDEX CONCURRENTLY ix_t_a_c;

-- dbp:step
-- Dropping t.c also drops the index ix_t_a_c USING btree (a, c).
-- Dropping t.c also drops the constraint both CHECK (a > c).
ALTER TABLE t DROP COLUMN c;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:irreversible the data of t.c is lost, and these steps restore the structure only

-- dbp:step
-- This restores the column t.c without its values.
ALTER TABLE t ADD COLUMN c integer;
ALTER TABLE t ADD CONSTRAINT "both" CHECK (a > c) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT "both";

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_t_a_c ON t USING btree (a, c);

-- # a table is dropped
-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:destructive drop-table t

-- dbp:step lock_timeout=300ms
DROP TABLE t;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:irreversible the data of t is lost, and these steps restore the structure only

-- dbp:step
-- This restores the table t without its rows.
CREATE TABLE t (
  id integer NOT NULL,
  parent_id integer,
  CONSTRAINT t_pkey PRIMARY KEY (id)
);

-- dbp:step lock_timeout=300ms
ALTER TABLE t ADD CONSTRAINT t_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES parent(id);

-- # names that need quotes
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
ALTER TABLE "Order-by" ADD COLUMN "a""b""" integer DEFAULT 1;

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE UNIQUE INDEX CONCURRENTLY "Order-by_from_key" ON "Order-by" USING btree ("from");

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY "ix_Order-by_from_a""b""" ON "Order-by" USING btree ("from", "a""b""");

-- dbp:step
ALTER TABLE "Order-by" ADD CONSTRAINT "Order-by_from_key" UNIQUE USING INDEX "Order-by_from_key";

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:destructive drop-column "Order-by.a""b"""

-- dbp:step
ALTER TABLE "Order-by" DROP CONSTRAINT "Order-by_from_key";

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
DROP INDEX CONCURRENTLY "ix_Order-by_from_a""b""";

-- dbp:step
ALTER TABLE "Order-by" DROP COLUMN "a""b""";

-- # a column is renamed while other columns are added and dropped
-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:ignore rename the models ask for it

-- dbp:step
ALTER TABLE t RENAME COLUMN a TO b;

-- dbp:step
-- t.b may be null from this step on: programs that read it must expect null.
ALTER TABLE t ADD COLUMN d integer;
ALTER TABLE t ALTER COLUMN b DROP NOT NULL;
ALTER TABLE t ADD CONSTRAINT small_new CHECK (b < 200) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT small_new;

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_t_b_d ON t USING btree (b, d);

-- dbp:step
ALTER TABLE t DROP CONSTRAINT small;
ALTER TABLE t RENAME CONSTRAINT small_new TO small;

-- down
-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:destructive drop-column t.d
-- dbp:ignore rename the models ask for it

-- dbp:step
-- t.b has no default: from this step on, every INSERT into t must provide a value.
ALTER TABLE t ADD CONSTRAINT small_new CHECK (b < 100) NOT VALID;
ALTER TABLE t ADD CONSTRAINT t_b_nn CHECK (b IS NOT NULL) NOT VALID;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT small_new;

-- dbp:step statement_timeout=1h
ALTER TABLE t VALIDATE CONSTRAINT t_b_nn;

-- dbp:step
ALTER TABLE t ALTER COLUMN b SET NOT NULL;
ALTER TABLE t DROP CONSTRAINT t_b_nn;

-- dbp:step
ALTER TABLE t DROP CONSTRAINT small;
ALTER TABLE t RENAME CONSTRAINT small_new TO small;

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
DROP INDEX CONCURRENTLY ix_t_b_d;

-- dbp:step
ALTER TABLE t DROP COLUMN d;

-- dbp:step
ALTER TABLE t RENAME COLUMN b TO a;
