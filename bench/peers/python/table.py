"""The columns of detection and object, and the statements of both peers."""

DETECTION = [
    "candid",
    "oid",
    "mjd",
    "fid",
    "pid",
    "diffmaglim",
    "isdiffpos",
    "nid",
    "ra",
    "dec",
    "magpsf",
    "sigmapsf",
    "magap",
    "sigmagap",
    "distnr",
    "rb",
    "rbversion",
    "drb",
    "drbversion",
    "magapbig",
    "sigmagapbig",
    "rfid",
    "magpsf_corr",
    "sigmapsf_corr",
    "sigmapsf_corr_ext",
    "corrected",
    "dubious",
    "parent_candid",
    "has_stamp",
    "step_id_corr",
]
OTHERS = [name for name in DETECTION if name not in ("candid", "oid")]
COLUMNS = ", ".join(f'"{name}"' for name in DETECTION)
CHANGES = ", ".join(f'"{name}" = excluded."{name}"' for name in OTHERS)
STAGE = "create temporary table stage (like detection) on commit drop"
FROM_STAGE = f"insert into detection ({COLUMNS}) select {COLUMNS} from stage"
IGNORE = f"{FROM_STAGE} on conflict do nothing"
MERGE = f"{FROM_STAGE} on conflict (candid, oid) do update set {CHANGES}"
