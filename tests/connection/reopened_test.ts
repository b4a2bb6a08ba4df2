// A connection that is opened again, with other models and listeners.
import { defineModel, SQLConnection } from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../support/connected.ts";
import { freshSchema, postgresSettings } from "../support/engines.ts";

const Night = defineModel("night", {
  fields: z.object({ id: z.int32(), star: z.int64() }),
  primaryKey: ["id"],
  relations: { stars: { kind: "many", model: "star", on: { star: "id" } } },
});

test("queries of a connection that is opened again use its new models and listeners", async () => {
  const settings = { ...postgresSettings(), SCHEMA: freshSchema() };
  const texts: string[] = [];
  const db = new SQLConnection();
  const nights = () =>
    db.query(Night).findAll({
      filterBy: { stars: { some: { name: "Vega" } } },
    });

  await db.connect(settings, { models: [Night] });
  await db.createDb();
  const first = db.query(Night);
  assert.equal(await first.count(), 0);
  await assert.rejects(nights(), /star/);
  await db.close();

  await db.connect(settings, {
    models: [Night, Star],
    onQuery: ({ text }) => void texts.push(text),
  });
  await db.createDb();
  texts.length = 0;
  await db.query(Star).bulkInsert([{ id: 1n, name: "Vega" }]);
  await db.query(Night).bulkInsert([{ id: 7, star: 1n }, { id: 8, star: 2n }]);
  assert.deepEqual((await nights()).map(({ id }) => id), [7]);
  assert.equal(texts.length, 3);
  // Queries from before have the models of then, and use the connection of now.
  assert.equal(await first.count(), 2);
  await db.dropDb();
  await db.close();
  await assert.rejects(db.query(Night).count(), /closed/);
});
