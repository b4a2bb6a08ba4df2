"""Reads a Parquet file with pyarrow, pandas, DuckDB and astropy, or writes some.

python parquet_readers.py read FILE     prints what each library reads, as JSON
python parquet_readers.py write FOLDER  writes the same rows with pyarrow and DuckDB

Needs: pip install pyarrow pandas duckdb astropy
"""

import json
import sys
from datetime import datetime, timezone

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.table import Table

BIG = 9_007_199_254_740_993


def read(path: str) -> dict:
    table = pq.read_table(path)
    frame = pd.read_parquet(path)
    rows = duckdb.sql(f"select candid, mag, seen from '{path}' order by candid").fetchall()
    stars = Table.read(path, format="parquet")
    described = json.loads(table.schema.metadata[b"dbp"])
    return {
        "pyarrow": {
            "types": {field.name: str(field.type) for field in table.schema},
            "candid": [str(value) for value in table["candid"].to_pylist()],
        },
        "pandas": {
            "type": str(frame["candid"].dtype),
            "candid": [str(value) for value in frame["candid"]],
            "seen": frame["seen"].iloc[0].isoformat(),
        },
        "duckdb": {
            "candid": [str(candid) for candid, _, _ in rows],
            "mag": [None if mag is None else str(mag) for _, mag, _ in rows],
        },
        "astropy": {
            "candid": [str(value) for value in stars["candid"]],
            "unit": str(stars["mag"].unit),
            "description": stars["mag"].description,
        },
        "described": described["fields"]["mag"],
    }


def write(folder: str) -> None:
    count = 3_000
    rows = pa.table(
        {
            "candid": pa.array([BIG + n for n in range(count)], pa.int64()),
            "oid": pa.array([f"ZTF{n % 7}" for n in range(count)], pa.large_string()).dictionary_encode(),
            "mag": pa.array([None if n % 3 == 0 else n / 7 for n in range(count)], pa.float64()),
            "seen": pa.array(
                [datetime(2018, 6, 1, 4, 7, 22, 125_000 + n, timezone.utc) for n in range(count)],
                pa.timestamp("ns", "UTC"),
            ),
            "flag": pa.array([n % 2 == 0 for n in range(count)], pa.bool_()),
            "names": pa.array([["a", None, ""][: n % 4] for n in range(count)], pa.list_(pa.string())),
        }
    )
    for codec in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
        pq.write_table(rows, f"{folder}/pyarrow_{codec}.parquet", compression=codec, row_group_size=1_000)
    pq.write_table(rows, f"{folder}/pyarrow_v2.parquet", data_page_version="2.0", data_page_size=2_000)
    duckdb.sql(f"copy (select * from rows) to '{folder}/duckdb.parquet' (format parquet, codec zstd)")
    rows.to_pandas().to_parquet(f"{folder}/pandas.parquet", index=False)


if __name__ == "__main__":
    if sys.argv[1] == "read":
        print(json.dumps(read(sys.argv[2])))
    else:
        write(sys.argv[2])
