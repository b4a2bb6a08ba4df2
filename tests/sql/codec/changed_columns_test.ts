// Tables that change while they are used: a changed column is read correctly or rejected.
import { SchemaError } from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { sql } from "kysely";
import { connected, test } from "../../support/connected.ts";
import { freshSchema } from "../../support/engines.ts";

test("a column whose type changes after statements were prepared is read with its new type", async () => {
  const SCHEMA = freshSchema();
  const db = await connected({ SCHEMA, POOL_SIZE: 2 });
  await db.query(Star).bulkInsert([{ id: 1n, name: "a", mag: 0.5, visits: 3 }]);
  const byKey = () => db.query(Star).findOne({ filterBy: { id: 1n } });
  const byMag = () => db.query(Star).findAll({ filterBy: { mag: 0.5 } });
  for (let round = 0; round < 8; round++) {
    assert.equal((await byKey())?.mag ?? (await byMag())[0]?.mag, 0.5);
  }
  await db.sql`alter table ${
    sql.id(SCHEMA, "star")
  } alter column mag type real, alter column visits type smallint`;
  for (let round = 0; round < 3; round++) {
    const [row, [other]] = [await byKey(), await byMag()];
    assert.deepEqual([row?.mag, row?.visits, other?.mag], [0.5, 3, 0.5]);
  }
  assert.equal(
    (await db.query(Star).bulkInsert([{
      id: 2n,
      name: "b",
      mag: 0.25,
      visits: 4,
    }])).inserted,
    1,
  );
  assert.equal(
    (await db.query(Star).bulkUpsert([{
      id: 2n,
      name: "b",
      mag: 0.75,
      visits: 5,
    }])).updated,
    1,
  );
  assert.deepEqual(
    (await db.query(Star).findAll({ orderBy: { id: "asc" } })).map((
      { mag, visits },
    ) => [mag, visits]),
    [[0.5, 3], [0.75, 5]],
  );
  await db.dropDb();
  await db.close();
});

test("a column that the model cannot read throws a SchemaError", async () => {
  const SCHEMA = freshSchema();
  const db = await connected({ SCHEMA });
  await db.sql`alter table ${
    sql.id(SCHEMA, "star")
  } alter column variable type integer using 1`;
  await db.query(Star).bulkInsert([{ id: 1n, name: "a" }]).catch(() => {});
  await assert.rejects(
    db.query(Star).findAll(),
    (error) =>
      error instanceof SchemaError &&
      /variable of star has type int4, which boolean cannot read/.test(
        error.message,
      ),
  );
  await db.dropDb();
  await assert.rejects(
    db.query(Star).findAll(),
    (error) => error instanceof SchemaError && /dbp initdb/.test(error.message),
  );
  await db.close();
});
