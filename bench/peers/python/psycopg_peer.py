"""psycopg 3 with its C part: one connection for itself, a pool for concurrent calls."""

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from serve import serve
from table import CHANGES, COLUMNS, DETECTION, IGNORE, MERGE, STAGE, TYPES

BATCH = 2000
PARAMETERS = ", ".join(f"%({name})s" for name in DETECTION)
BY_KEY = f"select {COLUMNS} from detection where candid = %s and oid = %s"
INSERT = f"insert into detection ({COLUMNS}) values ({PARAMETERS})"


class Peer:
    """Calls that are not concurrent block, as in a program without asyncio."""

    def __init__(self, connection, pool):
        self.connection, self.pool = connection, pool

    async def find_all(self):
        with self.connection.cursor(binary=True) as cursor:
            return cursor.execute(f"select {COLUMNS} from detection").fetchall()

    async def find(self, start):
        return self.connection.execute(
            f"select {COLUMNS} from detection where candid >= %s order by candid limit 50",
            [start],
            binary=True,
        ).fetchall()

    async def include(self, limit):
        objects = self.connection.execute(
            "select * from object order by oid limit %s", [limit], binary=True
        ).fetchall()
        by_oid = {row["oid"]: row for row in objects}
        for row in objects:
            row["detections"] = []
        for row in self.connection.execute(
            f"select {COLUMNS} from detection where oid = any(%s) order by mjd",
            [list(by_oid)],
            binary=True,
        ):
            by_oid[row["oid"]]["detections"].append(row)
        return objects

    async def find_one(self, candid, oid):
        return self.connection.execute(
            BY_KEY, [candid, oid], binary=True
        ).fetchone()

    async def find_one_of_many(self, candid, oid):
        async with self.pool.connection() as connection:
            cursor = await connection.execute(BY_KEY, [candid, oid], binary=True)
            return await cursor.fetchone()

    async def get_or_create(self, row):
        if await self.find_one(row["candid"], row["oid"]) is not None:
            return False
        created = self.connection.execute(
            f"{INSERT} on conflict do nothing returning {COLUMNS}", row
        ).fetchone()
        if created is None:
            await self.find_one(row["candid"], row["oid"])
        return created is not None

    async def bulk_insert(self, rows):
        self.staged(rows, IGNORE)

    async def bulk_insert_new(self, rows):
        with self.connection.transaction():
            self.copy("detection", rows)

    async def bulk_upsert(self, rows):
        self.staged(rows, MERGE)

    def staged(self, rows, statement):
        with self.connection.transaction():
            self.connection.execute(STAGE)
            self.copy("stage", rows)
            self.connection.execute(statement)

    def copy(self, table, rows):
        with self.connection.cursor() as cursor, cursor.copy(
            f"copy {table} ({COLUMNS}) from stdin (format binary)"
        ) as copy:
            copy.set_types(TYPES.values())
            for row in rows:
                copy.write_row([row[name] for name in DETECTION])

    async def upsert(self, row):
        self.connection.execute(
            f"{INSERT} on conflict (candid, oid) do update set {CHANGES}", row
        )

    async def stream(self):
        count = 0
        with self.connection.transaction(), self.connection.cursor(
            name="all_rows", binary=True
        ) as cursor:
            cursor.itersize = BATCH
            cursor.execute(f"select {COLUMNS} from detection")
            for _row in cursor:
                count += 1
        return count

    async def close(self):
        self.connection.close()
        await self.pool.close()


async def open_peer(url):
    options = {"autocommit": True, "row_factory": dict_row}
    pool = AsyncConnectionPool(
        url, kwargs=options, min_size=0, max_size=10, open=False
    )
    await pool.open()
    return Peer(psycopg.connect(url, **options), pool)


serve(open_peer)
