// Violated constraints, and the transaction after such an error.
import {
  defineModel,
  DuplicateKeyError,
  ForeignKeyError,
  NotNullError,
  SQLConnection,
} from "@alerce/db-plugins";
import {
  ALERCE_MODELS,
  AstroObject,
  NonDetection,
  Xmatch,
} from "@alerce/db-plugins/models";
import { Sighting, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { test } from "../../support/connected.ts";
import { sqlEngines } from "../../support/engines.ts";
import { sql } from "kysely";
import { z } from "zod";

for (const engine of sqlEngines) {
  test(`${engine.name}: a row that references a missing row throws a ForeignKeyError and writes nothing`, async () => {
    const db = await engine.open(ALERCE_MODELS);
    await db.createDb();
    await db.query(AstroObject).bulkInsert([{ oid: "a" }]);
    const rows = [{ oid: "a", fid: 1, mjd: 1 }, { oid: "b", fid: 1, mjd: 1 }];
    for (
      const write of [
        () => db.query(NonDetection).bulkInsert(rows),
        () => db.query(NonDetection).bulkUpsert(rows),
      ]
    ) {
      await assert.rejects(write, (error) => {
        assert.ok(error instanceof ForeignKeyError, String(error));
        assert.deepEqual([error.table, error.constraint, error.fields], [
          "non_detection",
          "non_detection_oid_fkey",
          ["oid"],
        ]);
        return true;
      });
    }
    assert.equal(await db.query(NonDetection).count(), 0);
    await assert.rejects(
      db.query(Xmatch).getOrCreate({
        filterBy: { oid: "b", catid: "c" },
        oid_catalog: "x",
        dist: 1,
      }),
      ForeignKeyError,
    );
    await db.query(NonDetection).bulkInsert(rows.slice(0, 1));
    await assert.rejects(
      db.query(AstroObject).deleteAll({ filterBy: { oid: "a" } }),
      (error) => {
        assert.ok(error instanceof ForeignKeyError, String(error));
        assert.match(
          error.message,
          /^Cannot write object: Key \(oid\)=\(a\) is still referenced from table "non_detection"/,
        );
        assert.deepEqual([error.model, error.table, error.fields], [
          "object",
          "object",
          ["oid"],
        ]);
        return true;
      },
    );
    // The server names the referencing table; native SQL names no model.
    await assert.rejects(
      async () => {
        assert.ok(db instanceof SQLConnection);
        await db.kysely.deleteFrom("object").execute();
      },
      { name: "ForeignKeyError", model: "object", table: "object" },
    );
    await db.dropDb();
    await db.close();
  });

  test(`${engine.name}: a failed transaction rejects more statements and is rolled back`, async () => {
    const db = await engine.open(SUITE_MODELS);
    await db.createDb();
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.query(Sighting).bulkInsert([{
          star: 1n,
          night: 1,
          quality: 1,
        }]);
        await tx.query(Sighting).bulkInsert([{
          star: 1n,
          night: 1,
          quality: 1,
        }], { onConflict: "error" }).catch((error) =>
          assert.ok(error instanceof DuplicateKeyError)
        );
        await tx.query(Sighting).count();
      }),
      /the whole transaction will be rolled back/,
    );
    assert.equal(await db.query(Sighting).count(), 0);
    await db.dropDb();
    await db.close();
  });
}

const Visit = defineModel("Visit", {
  table: "visit",
  fields: z.object({
    id: z.int32(),
    night: z.int32().meta({ column: "night_number" }),
    mag: z.float64().meta({ column: "magnitude" }),
  }),
  primaryKey: ["id"],
});

for (const engine of sqlEngines) {
  test(`${engine.name}: errors about a row of a partition name the model, on every write`, async () => {
    const db = await engine.open([Visit]);
    assert.ok(db instanceof SQLConnection);
    await db.createDb();
    const [{ schema } = { schema: "" }] = await db.sql<{ schema: string }>`
      select table_schema as schema from information_schema.tables where table_name = 'visit'`;
    const visit = sql.id(schema, "visit");
    await db.sql`drop table ${visit}`;
    await db
      .sql`create table ${visit} (id int, night_number int, magnitude float8 not null,
      constraint visit_mag check (magnitude < 90), primary key (id)) partition by range (id)`;
    await db.sql`create table ${
      sql.id(schema, "visit_low")
    } partition of ${visit} for values from (0) to (100)`;
    const visits = db.query(Visit);
    const row = { id: 1, night: 1, mag: 5 };
    await visits.bulkInsert([row]);
    const wrongMag = { ...row, id: 2, mag: 99 };
    const outside = { ...row, id: 500 };
    const cases: [string, string[], RegExp, () => Promise<unknown>][] = [
      ["DuplicateKeyError", ["id"], /same id exists/, () => visits.insert(row)],
      [
        "DuplicateKeyError",
        ["id"],
        /same id exists/,
        () => visits.bulkInsert([row], { onConflict: "error" }),
      ],
      [
        "CheckError",
        [],
        /constraint visit_mag$/,
        () => visits.insert(wrongMag),
      ],
      ...[
        () => visits.bulkInsert([wrongMag]),
        () => visits.bulkUpsert([wrongMag]),
        () => visits.bulkUpdate([{ id: 1, mag: 99 }]),
        () => visits.updateAll({ filterBy: { id: 1 }, set: { mag: 99 } }),
        () => visits.getOrCreate({ filterBy: { id: 2 }, night: 1, mag: 99 }),
        async () => {
          const [read] = await visits.findAll({ filterBy: { id: 1 } });
          assert.ok(read);
          visits.update(read, { mag: 99 });
          await db.session.commit().finally(() => db.session.rollback());
        },
      ].map((write): typeof cases[number] => [
        "CheckError",
        [],
        /constraint visit_mag$/,
        write,
      ]),
      [
        "CheckError",
        [],
        /no partition of relation "visit" found for row/,
        () => visits.insert(outside),
      ],
      [
        "CheckError",
        [],
        /no partition of relation "visit" found for row/,
        () => visits.bulkUpsert([outside]),
      ],
    ];
    for (const [name, fields, message, write] of cases) {
      await assert.rejects(write, (error: Error) => {
        assert.match(error.message, message, String(write));
        assert.match(error.message, /^Cannot write Visit: /, String(write));
        assert.doesNotMatch(error.message, /visit_low|undefined/);
        assert.deepEqual(
          ["name", "model", "table", "fields"].map((key) =>
            Reflect.get(error, key)
          ),
          [name, "Visit", "visit", fields],
        );
        return true;
      });
    }
    assert.equal(await visits.count(), 1);
    await db.dropDb();
    await db.close();
  });
}

for (const engine of sqlEngines) {
  test(`${engine.name}: a required column without a field is named with its table`, async () => {
    const Night = defineModel("night", {
      fields: z.object({ id: z.int32() }),
      primaryKey: ["id"],
    });
    const db = await engine.open([Night]);
    assert.ok(db instanceof SQLConnection);
    await db.createDb();
    const [found] = await db.sql<{ schema: string }>`
      select n.nspname as schema from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      where c.relname = 'night' order by c.oid desc limit 1`;
    assert.ok(found);
    await db.sql`alter table ${
      sql.table(`${found.schema}.night`)
    } add column seeing integer not null`;
    const nights = db.query(Night);
    for (
      const write of [
        () => nights.insert({ id: 1 }),
        () => nights.bulkInsert([{ id: 1 }]),
        () => nights.bulkUpsert([{ id: 1 }]),
        () => nights.getOrCreate({ filterBy: { id: 1 } }),
      ]
    ) {
      await assert.rejects(write, (error) => {
        assert.ok(error instanceof NotNullError, String(error));
        assert.equal(
          error.message,
          "Cannot write night: the column seeing of table night is required, and the model night has no field for it: add the field, or give the column a default",
        );
        return true;
      });
    }
    await db.dropDb();
    await db.close();
  });
}
