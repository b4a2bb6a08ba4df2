// Names that look like SQL are treated as names.
import {
  type AnyModel,
  defineModel,
  ForeignKeyError,
  SQLConnection,
} from "@alerce/db-plugins";
import { postgresql } from "@alerce/db-plugins/sql";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import pg from "pg";
import { z } from "zod";
import {
  clientConfig,
  freshPglite,
  freshSchema,
  postgresSettings,
} from "../../support/engines.ts";

const NAMES = [
  'a"; drop table star; --',
  "it's $1",
  "x\\' or 1=1",
  "Ünï.☉ as %s",
  "select",
];

/** A table with one name for everything, and a table that refers to it. */
function modelsNamed(name: string): readonly AnyModel[] {
  const Parent = defineModel(name, {
    table: `${name}1`,
    fields: z.object({
      [`${name} key`]: z.int64().meta({ column: `${name}k` }),
      [name]: z.string().nullable().meta({
        column: `${name}c`,
        description: `${name}'; comment`,
        unit: name,
      }),
      kind: z.enum([name, "other"]).nullable().meta({ column: `kind ${name}` }),
    }),
    primaryKey: [`${name} key`],
    indexes: [{ fields: [name], name: `${name}i` }],
    checks: [{ name: `${name}x`, sql: "1 = 1" }],
    relations: {
      [`${name}s`]: {
        kind: "many",
        model: `${name}2`,
        on: { [`${name} key`]: name },
      },
    },
    seed: [{ [`${name} key`]: 1n, [name]: name, kind: name }],
  });
  const Child = defineModel(`${name}2`, {
    fields: z.object({ id: z.int32(), [name]: z.int64() }),
    primaryKey: ["id"],
    unique: [[name]],
    foreignKeys: [{
      fields: [name],
      references: { table: `${name}1`, fields: [`${name} key`] },
      name: `${name}f`,
    }],
  });
  return [Parent, Child, Star];
}

/** Everything that writes a name into a statement. */
async function exercise(
  db: SQLConnection<readonly AnyModel[]>,
  name: string,
  [Parent, Child]: readonly AnyModel[],
): Promise<void> {
  assert.ok(Parent && Child);
  const key = `${name} key`;
  const parents = db.query(Parent);
  const children = db.query(Child);
  assert.equal((await db.createDb()).created.length, 3);
  assert.deepEqual((await db.createDb({ verify: true })).created, []);
  await db.query(Star).bulkInsert([{ id: 1n, name: "still here" }]);
  const row = (id: bigint) => ({ [key]: id, [name]: name, kind: name });
  assert.deepEqual(await parents.bulkInsert([row(1n), row(2n)]), {
    inserted: 1,
    ignored: 1,
  });
  await parents.bulkUpsert([row(2n), { [key]: 2n, kind: "other" }], {
    prefer: [name],
  });
  await parents.bulkUpdate([{ [key]: 2n, [name]: `${name}!` }]);
  await parents.updateAll({ filterBy: { kind: "other" }, set: { kind: name } });
  const [made, created] = await parents.getOrCreate({
    filterBy: { [key]: 3n },
  });
  assert.ok(created && String(made).includes("=3)"));
  await children.bulkInsert([{ id: 1, [name]: 2n }]);
  const found = await parents.findAll({
    filterBy: { [name]: { like: "%!" }, kind: [name] },
    orderBy: { [name]: "desc", kind: "asc" },
    select: [key, name],
    include: [`${name}s`],
  });
  assert.deepEqual(JSON.parse(JSON.stringify(found)), [{
    [key]: "2",
    [name]: `${name}!`,
    [`${name}s`]: [{ id: 1, [name]: "2" }],
  }]);
  const page = await parents.find({
    orderBy: { [name]: "asc" },
    after: row(1n),
  });
  assert.deepEqual(page.items.map((item) => item[key]), [2n, 3n]);
  const native = await db.query(Parent).kysely.execute() as object[];
  assert.equal(native.length, 3);
  assert.equal(
    (await Array.fromAsync(parents.stream({ batchSize: 1 }))).length,
    3,
  );
  await assert.rejects(
    parents.deleteAll({ filterBy: { [key]: 2n } }),
    (error) =>
      error instanceof ForeignKeyError && error.constraint === `${name}f`,
  );
  await children.deleteAll({ filterBy: { [name]: 2n } });
  assert.equal(
    await parents.deleteAll({ filterBy: { [name]: `${name}!` } }),
    1,
  );
  const [comment] = await db.sql<{ comment: string }>`
    select col_description(attrelid, attnum) as comment from pg_attribute
    where attname = ${`${name}c`} and not attisdropped
      and col_description(attrelid, attnum) is not null`;
  assert.equal(comment?.comment, `${name}'; comment [${name}]`);
  assert.equal(await db.query(Star).count(), 1);
  assert.equal((await db.dropDb()).length, 3);
}

for (const name of NAMES) {
  for (const engine of ["postgresql", "pglite"]) {
    Deno.test({
      name: `${engine}: everything works where every name is ${name}`,
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        const models = modelsNamed(name);
        const client = engine === "pglite"
          ? await (pglite ??= freshPglite())
          : undefined;
        const settings = postgresSettings();
        const own = client === undefined && name === NAMES[0];
        if (own) {
          settings.DB_NAME = `${name} ${freshSchema()}`;
          assert.equal(await postgresql.createDatabase?.(settings, ""), true);
          assert.equal(await postgresql.createDatabase?.(settings, ""), false);
        }
        const db = new SQLConnection<readonly AnyModel[]>({ models, client });
        await db.connect({
          ...(client === undefined ? settings : {}),
          SCHEMA: `${name} ${freshSchema()}`,
        });
        await exercise(db, name, models);
        await db.close();
        if (own) await dropDatabase(String(settings.DB_NAME));
      },
    });
  }
}

let pglite: ReturnType<typeof freshPglite> | undefined;

async function dropDatabase(name: string): Promise<void> {
  const client = new pg.Client(clientConfig());
  await client.connect();
  await client.query(`drop database ${pg.escapeIdentifier(name)}`);
  await client.end();
}
