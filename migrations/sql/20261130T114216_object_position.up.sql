-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_object_position ON object USING btree ((
CASE
    WHEN abs(meandec) <= 90::double precision THEN floor(meandec * 60::double precision)
    ELSE NULL::double precision
END), meanra, meandec);
