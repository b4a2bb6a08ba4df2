-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
CREATE EXTENSION IF NOT EXISTS "cube";

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_object_position ON object USING gist ((
CASE
    WHEN meanra >= 0::double precision AND meanra <= 360::double precision AND abs(meandec) <= 90::double precision THEN cube(ARRAY[cosd(meandec) * cosd(meanra), cosd(meandec) * cosd(meanra - 90::double precision), sind(meandec)])
    ELSE NULL::cube
END));
