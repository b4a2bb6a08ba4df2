-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
DROP INDEX CONCURRENTLY ix_object_position;
