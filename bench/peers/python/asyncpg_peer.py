"""asyncpg: prepared statements with binary results, and binary COPY."""

import asyncpg
from serve import serve
from table import CHANGES, COLUMNS, DETECTION, IGNORE, MERGE, STAGE

BATCH = 2000
PARAMETERS = ", ".join(f"${n + 1}" for n in range(len(DETECTION)))
BY_KEY = f"select {COLUMNS} from detection where candid = $1 and oid = $2"
INSERT = f"insert into detection ({COLUMNS}) values ({PARAMETERS})"


class Peer:
    def __init__(self, connection, pool):
        self.connection, self.pool = connection, pool

    async def find_all(self):
        return await self.connection.fetch(f"select {COLUMNS} from detection")

    async def find(self, start):
        return await self.connection.fetch(
            f"select {COLUMNS} from detection where candid >= $1 order by candid limit 50",
            start,
        )

    async def include(self, limit):
        objects = [
            dict(row)
            for row in await self.connection.fetch(
                "select * from object order by oid limit $1", limit
            )
        ]
        by_oid = {row["oid"]: row for row in objects}
        for row in objects:
            row["detections"] = []
        for row in await self.connection.fetch(
            f"select {COLUMNS} from detection where oid = any($1) order by mjd",
            list(by_oid),
        ):
            by_oid[row["oid"]]["detections"].append(row)
        return objects

    async def find_one(self, candid, oid):
        return await self.connection.fetchrow(BY_KEY, candid, oid)

    async def find_one_of_many(self, candid, oid):
        return await self.pool.fetchrow(BY_KEY, candid, oid)

    async def get_or_create(self, row):
        fetch = self.connection.fetchrow
        if await fetch(BY_KEY, row["candid"], row["oid"]) is not None:
            return False
        created = await fetch(
            f"{INSERT} on conflict do nothing returning {COLUMNS}", *values(row)
        )
        if created is None:
            await fetch(BY_KEY, row["candid"], row["oid"])
        return created is not None

    async def bulk_insert(self, rows):
        await self.staged(rows, IGNORE)

    async def bulk_insert_new(self, rows):
        await self.connection.copy_records_to_table(
            "detection", records=map(values, rows), columns=DETECTION
        )

    async def bulk_upsert(self, rows):
        await self.staged(rows, MERGE)

    async def staged(self, rows, statement):
        async with self.connection.transaction():
            await self.connection.execute(STAGE)
            await self.connection.copy_records_to_table(
                "stage", records=map(values, rows), columns=DETECTION
            )
            await self.connection.execute(statement)

    async def upsert(self, row):
        await self.connection.execute(
            f"{INSERT} on conflict (candid, oid) do update set {CHANGES}",
            *values(row),
        )

    async def stream(self):
        count = 0
        async with self.connection.transaction():
            async for _row in self.connection.cursor(
                f"select {COLUMNS} from detection", prefetch=BATCH
            ):
                count += 1
        return count

    async def close(self):
        await self.connection.close()
        await self.pool.close()


def values(row):
    return tuple(row[name] for name in DETECTION)


async def open_peer(url):
    pool = asyncpg.create_pool(url, min_size=0)
    return Peer(await asyncpg.connect(url), await pool)


serve(open_peer)
