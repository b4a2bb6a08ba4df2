// The time zone of the session does not affect written and read times, for all date and time types.
import { defineModel, SQLConnection } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import pg from "pg";
import { z } from "zod";
import { test } from "../../support/connected.ts";
import { clientConfig, freshSchema } from "../../support/engines.ts";

const moment = (sqlType: string) => z.date().nullable().meta({ sqlType });
const Visit = defineModel("visit", {
  fields: z.object({
    id: z.int32(),
    day: moment("date"),
    plain: moment("timestamp"),
    coarse: moment("TIMESTAMP(3)"),
    long: moment("timestamp without time zone"),
    zoned: moment("timestamptz"),
    spelt: moment("timestamp with time zone"),
    days: z.array(z.date()).nullable().meta({ sqlType: "date[]" }),
    times: z.array(z.date()).nullable().meta({ sqlType: "timestamp[]" }),
  }),
  primaryKey: ["id"],
});
const MOMENTS = ["day", "plain", "coarse", "long", "zoned", "spelt"] as const;
const DAY = new Date("2018-06-01T00:00:00Z");
const OTHER = new Date("2018-11-30T00:00:00Z");

for (const zone of ["America/Santiago", "Pacific/Kiritimati", "UTC"]) {
  test(`times are the same in a session with time zone ${zone}`, async () => {
    const client = new pg.Pool({
      ...clientConfig(),
      options: `-c timezone=${zone}`,
    });
    const db = new SQLConnection({ models: [Visit], client });
    await db.connect({ SCHEMA: freshSchema() });
    try {
      await db.createDb();
      const row = (id: number, at: Date) => ({
        id,
        ...Object.fromEntries(MOMENTS.map((name) => [name, at])),
        days: [at],
        times: [at, at],
      });
      const visits = db.query(Visit);
      await visits.bulkInsert([row(1, DAY)]);
      // Enough rows for COPY.
      const many = Array.from({ length: 2000 }, (_, n) => row(n + 10, DAY));
      await visits.bulkInsert(many);
      await visits.bulkUpsert([row(2, DAY), row(10, DAY)]);
      const [made] = await visits.getOrCreate({
        filterBy: { id: 3 },
        ...row(3, DAY),
      });
      assert.deepEqual({ ...made }, row(3, DAY));
      const all = await visits.findAll();
      assert.equal(all.length, 2003);
      for (const found of all) {
        assert.deepEqual({ ...found }, row(found.id, DAY));
      }
      for (const name of MOMENTS) {
        const counts = await Promise.all([
          { [name]: DAY },
          { [name]: { in: [DAY, OTHER] } },
          { [name]: { gte: DAY, lte: DAY } },
          { [name]: { gt: DAY } },
          { [name]: { lt: DAY } },
        ].map((filterBy) => visits.count({ filterBy })));
        assert.deepEqual(counts, [2003, 2003, 2003, 0, 0], name);
      }
      await visits.updateAll({ filterBy: { id: 3 }, set: row(3, OTHER) });
      await visits.bulkUpdate([row(1, OTHER)]);
      const changed = await visits.findAll({ filterBy: { day: OTHER } });
      for (const found of changed) {
        assert.deepEqual({ ...found }, row(found.id, OTHER));
      }
      assert.equal(changed.length, 2);
    } finally {
      await db.dropDb();
      await db.close();
      await client.end();
    }
  });
}
