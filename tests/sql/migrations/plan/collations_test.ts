// Migrations and reports in a database that orders text as a language does.
import { type AnyModel, defineModel, SQLConnection } from "@alerce/db-plugins";
import {
  check,
  drift,
  makeMigrations,
  migrate,
  rollback,
} from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../../support/connected.ts";
import { LINGUISTIC } from "../../../support/engines.ts";
import { testFolder } from "../../../support/migrations_folder.ts";

type Db = SQLConnection<readonly AnyModel[]>;

const TEXTS = ["10", "9", "A", "B", "Z", "_x", "a", "z", "é"];

function nameModel(
  id: z.ZodString,
  kind: z.ZodString,
  more: Record<string, z.ZodType> = {},
): AnyModel {
  return defineModel("name", {
    fields: z.object({ id, kind: kind.nullable(), ...more }),
    primaryKey: ["id"],
    indexes: [{ fields: ["kind"] }],
  });
}

const text = z.string();
const Silent = nameModel(text, text);

async function opened(
  settings: Record<string, unknown>,
  ...models: readonly AnyModel[]
): Promise<Db> {
  const db = new SQLConnection<readonly AnyModel[]>({ models });
  await db.connect(settings);
  return db;
}

/** Creates the table as another program does, with the collation of the database. */
async function adopted(db: Db): Promise<void> {
  await db
    .sql`create table name (id character varying primary key, kind character varying)`;
  await db.sql`create index ix_name_kind on name (kind)`;
  for (const id of TEXTS) {
    await db.sql`insert into name values (${id}, ${id})`;
  }
}

async function collation(db: Db, column: string): Promise<string | undefined> {
  const [row] = await db.sql<{ name: string }>`
    select l.collname as name from pg_attribute a join pg_collation l on l.oid = a.attcollation
    where a.attrelid = 'name'::regclass and a.attname = ${column}`;
  return row?.name;
}

/** Writes and applies a migration. Returns its up file. */
async function migrated(
  db: Db,
  folder: Awaited<ReturnType<typeof testFolder>>,
  seconds: number,
): Promise<string> {
  const { directory } = folder;
  const report = await makeMigrations(db, {
    directory,
    now: new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)),
  });
  assert.ok(report.files, "there are changes");
  await migrate(db, { directory });
  assert.deepEqual((await drift(db, { directory })).differences, []);
  const name = report.files.up.split("/").at(-1) ?? "";
  return (await folder.read(name)).replaceAll(/^--.*\n/gm, "");
}

for (const [name, open] of LINGUISTIC) {
  test(`${name}: existing columns keep their collation, and new ones get C`, async () => {
    const settings = await open();
    await using folder = await testFolder("sql");
    const { directory } = folder;
    const db = await opened(settings, Silent);
    await adopted(db);
    assert.equal(
      (await makeMigrations(db, { directory })).files,
      undefined,
      "no changes",
    );
    const More = nameModel(text.meta({ sqlType: "text" }), text, {
      note: text.nullable(),
      n: z.int32().nullable(),
    });
    const Other = defineModel("other", {
      fields: z.object({ id: z.string(), tags: z.array(z.string()) }),
      primaryKey: ["id"],
    });
    const later = await opened(settings, More, Other);
    const up = await migrated(later, folder, 0);
    assert.match(up, /ADD COLUMN note character varying COLLATE "C"/);
    assert.match(up, /id character varying COLLATE "C" NOT NULL/);
    assert.match(up, /tags character varying\[\] COLLATE "C" NOT NULL/);
    assert.match(up, /ALTER COLUMN id TYPE text;/);
    assert.equal(await collation(later, "id"), "default");
    assert.equal(await collation(later, "note"), "C");
    await rollback(later, { directory });
    assert.equal(await collation(later, "id"), "default");
    await Promise.all([db.close(), later.close()]);
  });

  test(`${name}: a named collation is compared and migrated, and the indexes of its column are rebuilt without a lock`, async () => {
    const settings = await open();
    await using folder = await testFolder("sql");
    const { directory } = folder;
    const before = await opened(settings, Silent);
    await adopted(before);
    const db = await opened(
      settings,
      nameModel(text, text.meta({ collation: "C" })),
    );
    assert.deepEqual(
      (await drift(db)).differences,
      [
        'change the type of name.kind from character varying to character varying COLLATE "C"',
        "rebuild the index ix_name_kind on name",
      ].slice(0, 1),
    );
    const up = await migrated(db, folder, 0);
    assert.match(
      up,
      /DROP INDEX CONCURRENTLY ix_name_kind;[^]*ALTER TABLE name ALTER COLUMN kind TYPE character varying COLLATE "C";[^]*CREATE INDEX CONCURRENTLY ix_name_kind ON name USING btree \(kind\);/,
    );
    assert.equal(await collation(db, "kind"), "C");
    await rollback(db, { directory });
    assert.equal(await collation(db, "kind"), "default");
    await migrate(db, { directory });
    const back = await opened(
      settings,
      nameModel(text, text.meta({ collation: "default" })),
    );
    const again = await migrated(back, folder, 1);
    assert.match(again, /TYPE character varying COLLATE "default";/);
    assert.equal(await collation(back, "kind"), "default");
    await Promise.all([before.close(), db.close(), back.close()]);
  });

  test(`${name}: the collation of a key is refused with statements that change it`, async () => {
    const settings = await open();
    await using folder = await testFolder("sql");
    const { directory } = folder;
    const before = await opened(settings, Silent);
    await adopted(before);
    const Named = nameModel(text.meta({ collation: "C" }), text);
    const db = await opened(settings, Named);
    await assert.rejects(makeMigrations(db, { directory }), (error) => {
      assert.match(
        String(error),
        /change the type of name\.id from character varying to character varying COLLATE "C": the server would rebuild name_pkey, and nobody could use name meanwhile/,
      );
      return true;
    });
    const sketch =
      `-- dbp:ignore alter-type it keeps the rows of name, and nobody can use the table while the server rebuilds name_pkey
-- dbp:step statement_timeout=1h
ALTER TABLE name ALTER COLUMN id TYPE character varying COLLATE "C";`;
    const plan = await db.migrations().plan({
      intent: { renames: new Map(), drops: new Set(), defaults: new Map() },
      managed: [],
    });
    assert.deepEqual(plan.refused.map(({ sketch }) => sketch), [sketch]);
    await folder.write({ "20260101T000000_collation.up.sql": `${sketch}\n` });
    await migrate(db, { directory });
    assert.deepEqual((await drift(db)).differences, []);
    assert.deepEqual(
      (await db.query(Named).findAll({ orderBy: { id: "asc" } })).map((
        { id },
      ) => id),
      TEXTS,
    );
    await Promise.all([before.close(), db.close()]);
  });

  test(`${name}: createDb and check name the columns whose indexes cannot serve ordered reads`, async () => {
    const settings = await open();
    await using folder = await testFolder("sql");
    const { directory } = folder;
    const db = await opened(settings, Silent);
    await adopted(db);
    const note = (columns: string, example = "id"): string =>
      `Reads in the order of these columns cannot use an index, because its collation does not order text by code point, and the server sorts all matching rows: ${columns}. For large tables, add an index with a part like { sql: '${example} collate "C"' } to the model, or name the collation of the column in the model: it then orders the field`;
    const id = "name.id (name_pkey: collation default)";
    const kind = "name.kind (ix_name_kind: collation default)";
    assert.deepEqual((await db.createDb()).notes, [note(`${id}; ${kind}`)]);
    const report = await check(db, { directory });
    assert.deepEqual(report.warnings, [{
      exitCode: 0,
      kind: "schema",
      problem: note(`${id}; ${kind}`),
    }]);
    assert.equal(report.exitCode, 0);
    await db.sql`create index on name (id collate "C")`;
    await db.sql`create index on name (kind text_pattern_ops)`;
    assert.deepEqual((await check(db, { directory })).warnings?.length, 1);
    assert.deepEqual((await db.createDb()).notes, [note(kind, "kind")]);
    const named = await opened(
      settings,
      nameModel(text, text.meta({ collation: "default" })),
    );
    assert.equal((await named.createDb({ verify: true })).notes, undefined);
    assert.equal((await check(named, { directory })).warnings, undefined);
    await Promise.all([db.close(), named.close()]);
  });
}
