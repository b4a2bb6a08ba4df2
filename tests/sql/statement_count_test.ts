// The number of statements per call, independent of the number of rows.
import type { QueryEvent } from "@alerce/db-plugins";
import { SQLConnection } from "@alerce/db-plugins";
import { Sighting, Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import {
  freshPglite,
  freshSchema,
  postgresSettings,
} from "../support/engines.ts";
import { statementWaits } from "../support/waiting.ts";

type Db = SQLConnection<typeof SUITE_MODELS>;

/** Opens a connection and collects its statements. */
async function listened(
  settings: object,
  client?: unknown,
): Promise<{ db: Db; sent: QueryEvent[] }> {
  const sent: QueryEvent[] = [];
  const db = new SQLConnection({ models: SUITE_MODELS, client });
  await db.connect({ SCHEMA: freshSchema(), ...settings }, {
    onQuery: (event) => sent.push(event),
  });
  await db.createDb();
  return { db, sent };
}

const ENGINES: readonly (readonly [string, () => Promise<unknown>, object])[] =
  [
    ["postgresql", () => Promise.resolve(undefined), postgresSettings()],
    ["pglite", freshPglite, { ENGINE: "pglite" }],
  ];

for (const [name, client, settings] of ENGINES) {
  Deno.test({
    name: `${name}: each call sends the minimum number of statements`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const { db, sent } = await listened(settings, await client());
      const texts = async (work: () => Promise<unknown>): Promise<string[]> => {
        sent.length = 0;
        await work();
        return sent.map(({ text }) => text);
      };
      const stars = db.query(Star);
      const sightings = db.query(Sighting);
      await stars.bulkInsert(
        Array.from({ length: 500 }, (_, index) => ({
          id: BigInt(index),
          name: `s${index}`,
        })),
      );
      await sightings.bulkInsert(
        Array.from({ length: 500 }, (_, night) => ({
          star: BigInt(night % 5),
          night,
          quality: 0,
        })),
      );
      const key = { filterBy: { id: 1n } };
      const counts: [string, () => Promise<unknown>, number][] = [
        ["findAll", () => stars.findAll(), 1],
        ["findOne", () => stars.findOne(key), 1],
        ["first", () => stars.first(), 1],
        ["count", () => stars.count(), 1],
        ["checkExists", () => stars.checkExists(), 1],
        ["find", () => stars.find(), 2],
        ["find uncounted", () => stars.find({ count: false }), 1],
        ["include", () => stars.findAll({ include: ["sightings"] }), 2],
        [
          "include with limits, levels and counts",
          () =>
            stars.findAll({
              include: {
                sightings: { limit: 2, include: { star_row: true } },
              },
              counts: ["sightings"],
            }),
          4,
        ],
        ["updateAll", () => stars.updateAll({ ...key, set: { mag: 1 } }), 1],
        [
          "getOrCreate existing",
          () => stars.getOrCreate({ ...key, name: "x" }),
          1,
        ],
        ["getOrCreate existing, incomplete", () => stars.getOrCreate(key), 1],
        [
          "getOrCreate new",
          () => stars.getOrCreate({ filterBy: { id: 999n }, name: "new" }),
          1,
        ],
        ["insert", () => stars.insert({ id: 998n, name: "newer" }), 1],
        [
          "deleteAll",
          () => stars.deleteAll({ filterBy: { id: [998n, 999n] } }),
          1,
        ],
      ];
      for (const [call, work, count] of counts) {
        const found = await texts(work);
        assert.equal(found.length, count, `${call}: ${found.join("\n")}`);
      }
      const rows = await stars.findAll();
      const nights = await sightings.findAll();
      for (const row of rows.slice(0, 300)) stars.update(row, { mag: 2 });
      for (const row of rows.slice(300, 400)) stars.update(row, { visits: 1 });
      for (const row of rows.slice(400)) stars.delete(row);
      for (const row of nights) sightings.update(row, { quality: 1 });
      const committed = await texts(() => db.session.commit());
      assert.deepEqual(
        committed.map((text) => text.split(" ")[0]),
        ["begin", "update", "update", "update", "select", "delete", "commit"],
      );
      assert.deepEqual(sent.map(({ rows }) => rows), [
        0,
        300,
        100,
        500,
        1,
        100,
        0,
      ]);
      const changes = rows.slice(0, 400).map(({ id }) => ({ id, mag: 3 }));
      assert.equal((await texts(() => stars.bulkUpdate(changes))).length, 1);
      for (const row of rows.slice(0, 300)) stars.update(row, { mag: 4 });
      assert.equal((await texts(() => db.session.commit())).length, 1);
      await db.dropDb();
      await db.close();
    },
  });
}

Deno.test({
  name:
    "getOrCreate sends a second statement only if another transaction creates the row at the same time",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const SCHEMA = freshSchema();
    const settings = { ...postgresSettings(), SCHEMA };
    const { db: holder } = await listened(settings);
    const { db: watcher } = await listened(settings);
    const { db, sent } = await listened(settings);
    for (const keeps of [true, false]) {
      await holder.query(Star).deleteAll({ filterBy: {}, all: true });
      sent.length = 0;
      let racing: ReturnType<typeof race> | undefined;
      const race = () =>
        db.query(Star).getOrCreate({ filterBy: { id: 1n }, name: "late" });
      const holding = holder.transaction(async (tx) => {
        await tx.query(Star).getOrCreate({
          filterBy: { id: 1n },
          name: "early",
        });
        racing = race();
        await statementWaits(watcher, SCHEMA);
        if (!keeps) throw new Error("given up");
      });
      if (keeps) await holding;
      else await assert.rejects(holding, /given up/);
      const [row, created] = await (racing ?? race());
      assert.deepEqual(
        [row.name, created],
        keeps ? ["early", false] : ["late", true],
      );
      assert.equal(sent.length, keeps ? 2 : 1);
    }
    await db.dropDb();
    await db.close();
    await holder.close();
    await watcher.close();
  },
});
