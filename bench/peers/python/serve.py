"""Answers requests of the benchmark from standard input, like ../serve.ts."""

import asyncio
import hashlib
import json
import os
import struct
import sys
import time

AT_ONCE = 50


def serve(open_peer):
    """Runs a peer: an object of coroutines with the names of ../peer.ts."""
    asyncio.run(_serve(open_peer))


async def _serve(open_peer):
    setting = json.loads(os.environ["PEER_SETTING"])
    peer = await open_peer(setting["url"])
    if sys.argv[1:2] == ["first"]:
        row = await peer.find_one(int(sys.argv[2]), sys.argv[3])
        print(json.dumps({"outcome": 0 if row is None else 1}), flush=True)
        os._exit(0)
    rows = None
    for line in sys.stdin:
        request = json.loads(line)
        if request["work"] != "stream" and rows is None:
            rows = _read_rows(setting["detections"])
        try:
            answer = await _answer(peer, rows or [], setting["columns"], request)
        except Exception as error:
            answer = {"ms": 0, "outcome": 0, "error": repr(error)[:2000]}
        print(json.dumps(answer), flush=True)
    await peer.close()
    os._exit(0)


async def _answer(peer, rows, columns, request):
    count = request["count"]
    some = rows[:count]
    start = time.perf_counter()
    outcome, found = await WORKS[request["work"]](peer, some, count)
    answer = {"ms": (time.perf_counter() - start) * 1000, "outcome": outcome}
    peak = _peak_memory()
    if peak is not None:
        answer["megabytes"] = peak
    if request["digest"] and found is not None:
        answer |= _digests(found, columns)
    return answer


async def _find_all(peer, rows, count):
    found = await peer.find_all()
    return len(found), found


async def _find(peer, rows, count):
    pages = []
    for index in range(count):
        pages.extend(await peer.find(rows[index % len(rows)]["candid"]))
    return len(pages), pages


async def _include(peer, rows, count):
    found = await peer.include(count)
    return len(found), [row for one in found for row in one["detections"]]


async def _find_one(peer, rows, count):
    found = []
    for index in range(count):
        key = rows[index % len(rows)]
        row = await peer.find_one(key["candid"], key["oid"])
        if row is not None:
            found.append(row)
    return len(found), found


async def _find_one_at_once(peer, rows, count):
    found = []
    indexes = iter(range(count))

    async def lane():
        for index in indexes:
            key = rows[index % len(rows)]
            row = await peer.find_one_of_many(key["candid"], key["oid"])
            if row is not None:
                found.append(row)

    await asyncio.gather(*(lane() for _ in range(AT_ONCE)))
    return len(found), found


async def _get_or_create(peer, rows, count):
    created = 0
    for row in rows:
        created += await peer.get_or_create(row)
    return created, None


async def _bulk_insert(peer, rows, count):
    await peer.bulk_insert(rows)
    return len(rows), None


async def _bulk_insert_new(peer, rows, count):
    await peer.bulk_insert_new(rows)
    return len(rows), None


async def _bulk_upsert(peer, rows, count):
    await peer.bulk_upsert(rows)
    return len(rows), None


async def _upsert(peer, rows, count):
    for row in rows:
        await peer.upsert(row)
    return len(rows), None


async def _stream(peer, rows, count):
    return await peer.stream(), None


WORKS = {
    "findAll": _find_all,
    "find": _find,
    "include": _include,
    "findOne": _find_one,
    "findOneAtOnce": _find_one_at_once,
    "getOrCreate": _get_or_create,
    "bulkInsert": _bulk_insert,
    "bulkInsertNew": _bulk_insert_new,
    "bulkUpsert": _bulk_upsert,
    "upsert": _upsert,
    "stream": _stream,
}


def _digests(rows, columns):
    every, others = hashlib.sha256(), hashlib.sha256()
    ordered = sorted(
        rows, key=lambda row: (row["oid"], row["mjd"], row["magpsf"])
    )
    for row in ordered:
        for column in columns:
            value = _encoded(row[column["name"]], column["kind"])
            every.update(value)
            if column["kind"] != "int64":
                others.update(value)
    return {
        "digest": every.hexdigest(),
        "digestWithoutIds": others.hexdigest(),
    }


def _encoded(value, kind):
    if value is None:
        return b"\x00"
    if kind == "int64":
        return b"\x01" + struct.pack("<q", value)
    if isinstance(value, bool):
        return bytes([4, value])
    if isinstance(value, (int, float)):
        return b"\x02" + struct.pack("<d", value)
    return b"\x03" + value.encode() + b"\x00"


def _read_rows(path):
    rows = []
    with open(path) as lines:
        for line in lines:
            row = json.loads(line)
            row["candid"] = int(row["candid"])
            if row["parent_candid"] is not None:
                row["parent_candid"] = int(row["parent_candid"])
            rows.append(row)
    return rows


def _peak_memory():
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1000
    except OSError:
        return None
