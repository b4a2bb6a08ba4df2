-- One transaction. It may be edited until it is applied.
-- dbp:destructive drop-table pipeline
-- dbp:destructive drop-table reference
-- dbp:destructive drop-table ps1_ztf
-- dbp:destructive drop-table ss_ztf
-- dbp:destructive drop-table gaia_ztf
-- dbp:destructive drop-table dataquality
-- dbp:destructive drop-table detection
-- dbp:destructive drop-table non_detection
-- dbp:destructive drop-table magstat
-- dbp:destructive drop-table allwise
-- dbp:destructive drop-table xmatch
-- dbp:destructive drop-table feature
-- dbp:destructive drop-table feature_version
-- dbp:destructive drop-table probability
-- dbp:destructive drop-table taxonomy
-- dbp:destructive drop-table object
-- dbp:destructive drop-table step

DROP TABLE pipeline, reference, ps1_ztf, ss_ztf, gaia_ztf, dataquality, detection, non_detection, magstat, allwise, xmatch, feature, feature_version, probability, taxonomy, object, step;
