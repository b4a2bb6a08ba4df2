// Lists too long for one MongoDB command have the same meaning as on PostgreSQL.
import {
  CheckError,
  type Connection,
  MongoConnection,
  QueryError,
} from "@alerce/db-plugins";
import { Sighting, Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { mongoSettings, postgresEngine } from "../../support/engines.ts";
import { opened, test } from "../../support/mongo_case.ts";

const FILLER = "x".repeat(2_000);
const ROWS = 400;
const text = (index: number): string => `${(index * 7_919) % 20_011} ${FILLER}`;
/** 32 MB of texts with some duplicates; every second row has one of them. */
const status = Array.from(
  { length: 16_000 },
  (_, index) => text(index % 2 === 0 ? index : index - index % 4 + 2),
);

async function filled(db: Connection): Promise<Connection> {
  await db.query(Star).bulkInsert(
    Array.from({ length: ROWS }, (_, index) => ({
      id: BigInt(index) - 50n,
      name: `${index % 4 === 0 ? "～" : "🔭"} ${index}`,
      // Spread over the list, so that each part contains rows of any order.
      status: text(index * 39),
      mag: index % 5 === 0 ? null : (index * 31) % 40,
      flux: index % 3,
      labels: index % 7 === 0 ? null : [index % 4 === 0 ? "a!" : "a", "b"],
      seen: new Date(index * 1_000),
    })),
  );
  return db;
}

test("reads, counts, updates and deletes by lists of more than 16 MB have the same result as on PostgreSQL", async () => {
  await using mongo = await filled(await opened());
  await using postgres = await postgresEngine.open(SUITE_MODELS);
  await postgres.createDb();
  await filled(postgres);
  const ask = async (
    db: Connection,
    status: readonly string[],
  ): Promise<unknown> => {
    const others = [
      { status, mag: { lt: 20 } },
      { or: [{ mag: null }, { status }] },
      { and: [{ status }, { or: [{ flux: 1 }, { id: { gt: 200n } }] }] },
    ];
    const stars = db.query(Star);
    const answers: unknown[] = [];
    for (const filterBy of [{ status }, ...others]) {
      answers.push(
        await stars.count({ filterBy }),
        await stars.findAll({ filterBy, orderBy: { id: "asc" } }),
        await stars.findAll({
          filterBy,
          select: ["name"],
          orderBy: { labels: "desc", mag: "asc", name: "desc" },
          offset: 17,
          limit: 60,
        }),
      );
    }
    const filterBy = { status };
    answers.push(
      await stars.checkExists({ filterBy }),
      new Set((await stars.findAll({ filterBy })).map(({ id }) => id)).size,
      await stars.find({
        filterBy,
        orderBy: { mag: { direction: "desc", nulls: "first" }, name: "asc" },
        select: ["id", "mag"],
        page: 3,
        perPage: 20,
        maxResults: 100,
      }),
      await stars.findAll({ filterBy, orderBy: { name: "asc" }, limit: 250 }),
      await stars.first({ filterBy, orderBy: { seen: "desc" } }),
      (await Array.fromAsync(
        stars.stream({ filterBy, select: ["id"], orderBy: { flux: "desc" } }),
      )).map(({ id }) => id),
      await stars.findAll({ filterBy, limit: 0 }),
      await stars.count({ filterBy: { ...filterBy, name: "none" } }),
    );
    answers.push(
      await db.transaction((tx) =>
        tx.query(Star).findAll({ filterBy: { status }, orderBy: { id: "asc" } })
      ),
      await stars.updateAll({ filterBy: { status }, set: { visits: 1 } }),
      await stars.findAll({
        filterBy: { visits: 1 },
        select: ["id"],
        orderBy: { id: "asc" },
      }),
      await db.transaction(async (tx) => {
        const rows = tx.query(Star);
        await rows.updateAll({ filterBy: { status }, set: { visits: 2 } });
        return await rows.deleteAll({ filterBy: { status, mag: { lt: 9 } } });
      }),
      await stars.deleteAll({ filterBy: { status, mag: null } }),
      await stars.findAll({ select: ["id", "visits"], orderBy: { id: "asc" } }),
    );
    return JSON.parse(
      JSON.stringify(answers, (key, value) => {
        // A cursor names its filter.
        if (/cursor$/i.test(key)) return typeof value;
        return typeof value === "bigint" ? String(value) : value;
      }),
    );
  };
  // PostgreSQL gets only the texts that rows have: the others change no result.
  const stored = new Set(
    Array.from({ length: ROWS }, (_, index) => text(index * 39)),
  );
  assert.deepEqual(
    await ask(mongo, status),
    await ask(postgres, status.filter((one) => stored.has(one))),
  );
  await postgres.dropDb();
});

test("a list of more than 16 MB that is shorter without duplicates is sent in one command", async () => {
  await using db = await filled(await opened());
  const stars = db.query(Star);
  const some = status.slice(0, 2_000);
  const filterBy = { status: Array.from({ length: 6 }, () => some).flat() };
  const rows = await stars.findAll({ filterBy: { status: some } });
  assert.ok(rows.length > 0);
  assert.equal((await stars.findAll({ filterBy })).length, rows.length);
  const streamed = await Array.fromAsync(stars.stream({ filterBy }));
  assert.equal(streamed.length, rows.length);
  assert.equal(await stars.count({ filterBy }), rows.length);
});

test("a sorted stream in parts holds one batch per part, and frees them if the loop ends early", async () => {
  await using db = await filled(await opened());
  const filterBy = { status };
  const met: bigint[] = [];
  for await (
    const { id } of db.query(Star).stream({
      filterBy,
      orderBy: { id: "desc" },
      batchSize: 3,
    })
  ) {
    met.push(id);
    if (met.length === 7) break;
  }
  const all = await db.query(Star).findAll({
    filterBy,
    orderBy: { id: "desc" },
    limit: 7,
  });
  assert.deepEqual(met, all.map(({ id }) => id));
});

test("a delete of thousands of keys of several fields deletes the rows", async () => {
  await using db = await opened();
  const rows = Array.from({ length: 10_000 }, (_, index) => ({
    star: BigInt(index),
    night: index,
    mag: null,
    quality: 1,
  }));
  await db.query(Sighting).bulkInsert(rows);
  const found = await db.query(Sighting).findAll();
  for (const row of found) db.query(Sighting).delete(row);
  assert.deepEqual(await db.session.commit(), { updated: 0, deleted: 10_000 });
  assert.equal(await db.query(Sighting).count(), 0);
});

test("a list of more than 16 MB that cannot be split is refused with a readable error", async () => {
  await using db = await filled(await opened());
  const stars = db.query(Star);
  for (
    const attempt of [
      () => stars.count({ filterBy: { status: { notIn: status } } }),
      () => stars.updateAll({ filterBy: { status }, set: { status: "new" } }),
    ]
  ) {
    await assert.rejects(async () => void await attempt(), (error) => {
      assert.ok(error instanceof QueryError);
      assert.match(error.message, /^Cannot filter star: the filter .* 16 MB/);
      return true;
    });
  }
  assert.equal(await stars.count({ filterBy: { status: "new" } }), 0);
});

test("if an update by a list of more than 16 MB fails halfway, the error gives the least number of changed rows", async () => {
  const settings = mongoSettings();
  await using db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect(settings);
  await db.createDb();
  await filled(db);
  const client = new MongoClient(settings.URL);
  const stars = client.db(settings.DATABASE).collection("star");
  const last = status.at(-1) ?? "";
  await db.query(Star).bulkInsert([{ id: -100n, name: "last", status: last }]);
  await client.db(settings.DATABASE).command({
    collMod: "star",
    validator: {
      $or: [{ id: { $ne: -100n } }, { visits: { $ne: 9 } }],
    },
  });
  const query = db.query(Star);
  const filterBy = { status };
  await assert.rejects(
    query.updateAll({ filterBy, set: { visits: 9 } }),
    (error) => {
      assert.ok(error instanceof CheckError, Deno.inspect(error));
      const [, count] =
        /At least (\d+) rows were changed before the failure and stay changed\. Read the rows of the filter to see which$/
          .exec(error.message) ?? [];
      assert.ok(Number(count) > 0);
      return true;
    },
  );
  assert.ok(await stars.countDocuments({ visits: 9 }) > 0);
  await client.close();
  await db.dropDb();
});
