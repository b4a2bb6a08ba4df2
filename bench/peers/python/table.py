"""The columns of detection and object, and the statements of both peers."""

TYPES = {
    "candid": "int8",
    "oid": "varchar",
    "mjd": "float8",
    "fid": "int4",
    "pid": "float8",
    "diffmaglim": "float8",
    "isdiffpos": "int4",
    "nid": "int4",
    "ra": "float8",
    "dec": "float8",
    "magpsf": "float8",
    "sigmapsf": "float8",
    "magap": "float8",
    "sigmagap": "float8",
    "distnr": "float8",
    "rb": "float8",
    "rbversion": "varchar",
    "drb": "float8",
    "drbversion": "varchar",
    "magapbig": "float8",
    "sigmagapbig": "float8",
    "rfid": "int4",
    "magpsf_corr": "float8",
    "sigmapsf_corr": "float8",
    "sigmapsf_corr_ext": "float8",
    "corrected": "bool",
    "dubious": "bool",
    "parent_candid": "int8",
    "has_stamp": "bool",
    "step_id_corr": "varchar",
}
DETECTION = list(TYPES)
OTHERS = [name for name in DETECTION if name not in ("candid", "oid")]
COLUMNS = ", ".join(f'"{name}"' for name in DETECTION)
CHANGES = ", ".join(f'"{name}" = excluded."{name}"' for name in OTHERS)
STAGE = "create temporary table stage (like detection) on commit drop"
FROM_STAGE = f"insert into detection ({COLUMNS}) select {COLUMNS} from stage"
IGNORE = f"{FROM_STAGE} on conflict do nothing"
MERGE = f"{FROM_STAGE} on conflict (candid, oid) do update set {CHANGES}"
