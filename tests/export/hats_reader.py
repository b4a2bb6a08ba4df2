"""Reads a HATS catalog with LSDB and prints what it finds, as JSON.

python hats_reader.py FOLDER

Needs: pip install lsdb
"""

import json
import sys

import lsdb
from hats.io.validation import is_valid_catalog


def main(path: str) -> None:
    catalog = lsdb.open_catalog(path)
    table = catalog.compute()
    cone = catalog.cone_search(ra=150.1, dec=2.2, radius_arcsec=10).compute()
    matched = catalog.crossmatch(
        catalog, n_neighbors=1, radius_arcsec=0.01, suffixes=("_a", "_b"), suffix_method="all_columns"
    ).compute()
    print(
        json.dumps(
            {
                "valid": bool(is_valid_catalog(path, strict=True)),
                "rows": catalog.hc_structure.catalog_info.total_rows,
                "cells": len(catalog.get_healpix_pixels()),
                "ids": sorted(int(value) for value in table["id"]),
                "index": table.index.name,
                "cone": sorted(int(value) for value in cone["id"]),
                "matched": len(matched),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
