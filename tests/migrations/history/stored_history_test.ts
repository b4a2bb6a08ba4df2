// A history that an earlier version wrote, column by column and field by field, is continued without a word about edited files.
import { SQLConnection } from "@alerce/db-plugins";
import { history, migrate, rollback, status } from "@alerce/db-plugins/migrate";
import type { Document } from "mongodb";
import assert from "node:assert/strict";
import {
  freshPglite,
  freshSchema,
  mongoSettings,
} from "../../support/engines.ts";
import { readRecord } from "../../../src/migrations/history/stored_record.ts";
import { columnOf } from "../../../src/sql/migrations/history/columns.ts";
import {
  fails,
  folderOf,
  MOON,
  STAR,
} from "../../support/migrations_folder.ts";
import { Place } from "../../support/mongo_migrating.ts";
import { withoutMongo } from "../../support/mongo_server.ts";

/** The table as version 0.1.0 created it. */
const COLUMNS = `id text primary key, kind text not null, state text not null,
  direction text not null, up_checksum text not null, down_checksum text,
  down_text text, steps_total integer not null, steps_done integer not null,
  step_hashes jsonb not null, fingerprint text, managed jsonb not null,
  error text, code text, started_at timestamptz not null,
  finished_at timestamptz, milliseconds double precision,
  db_user text not null, host text not null, tool_version text not null,
  server_version text not null, format integer not null, begun text,
  former jsonb not null default '[]'`;

const SQL_FILES = {
  [`${STAR}.up.sql`]: "CREATE TABLE star (id bigint PRIMARY KEY);\n",
  [`${STAR}.down.sql`]:
    "-- dbp:destructive drop-table star\nDROP TABLE star;\n",
  [`${MOON}.up.sql`]: "CREATE TABLE moon (id bigint PRIMARY KEY);\n",
  [`${MOON}.down.sql`]:
    "-- dbp:destructive drop-table moon\nDROP TABLE moon;\n",
};
const SQL_RUN = {
  kind: "migrate",
  state: "reverted",
  direction: "down",
  steps_total: 1,
  steps_done: 1,
  error: null,
  code: null,
  started_at: "2026-11-01T10:00:00+00:00",
  finished_at: "2026-11-01T10:00:01+00:00",
  milliseconds: 990.5,
  db_user: "astro",
  host: "observatory",
  tool_version: "0.1.0",
  server_version: "18.1",
};
const SQL_ROW = {
  ...SQL_RUN,
  id: STAR,
  state: "applied",
  direction: "up",
  up_checksum:
    "cf665f185c383bbbac4947a75e9b5635984be6305d12bf3f7977a45d26642d9b",
  down_checksum:
    "e3d7440226bdbef6ee610f0e8ae5c62064544c781ba18ba79fecb7373f76b07b",
  down_text: SQL_FILES[`${STAR}.down.sql`],
  step_hashes: [
    "614d6088156ab0bf44b99bb7d7f361941e7335d70ebf08453a79ba42dae88c75",
  ],
  fingerprint: null,
  managed: ["star"],
  started_at: "2026-11-02T10:00:00+00:00",
  finished_at: "2026-11-02T10:00:01+00:00",
  format: 1,
  begun: null,
  former: [SQL_RUN],
};

const MONGO_FILES = {
  [`${STAR}.up.json`]: '[{ "create": "star" }]\n',
  [`${STAR}.down.json`]:
    '[{ "dbp": "destructive drop-collection star" }, { "drop": "star" }]\n',
  [`${MOON}.up.json`]: '[{ "create": "moon" }]\n',
  [`${MOON}.down.json`]:
    '[{ "dbp": "destructive drop-collection moon" }, { "drop": "moon" }]\n',
};
const MONGO_RUN = {
  kind: "migrate",
  state: "reverted",
  direction: "down",
  stepsTotal: 1,
  stepsDone: 1,
  error: null,
  code: null,
  startedAt: new Date("2026-11-01T10:00:00Z"),
  finishedAt: new Date("2026-11-01T10:00:01Z"),
  milliseconds: 990.5,
  user: "astro",
  host: "observatory",
  toolVersion: "0.1.0",
  serverVersion: "8.0.4",
};
const MONGO_DOCUMENT: Document & { readonly _id: string } = {
  ...MONGO_RUN,
  _id: STAR,
  state: "applied",
  direction: "up",
  upChecksum:
    "8bed6aaaabfc5c87abf4d2bdaf3343188379d6383e77b6a54c334548fff8067d",
  downChecksum:
    "f12078dd1dcfcbe370e4d8103d1f417eebd74827efd86260a9c5da6bc1cd3b69",
  downText: MONGO_FILES[`${STAR}.down.json`],
  stepHashes: [
    "8108347b72102910fd7494ff102678516a687325bc08d2aa0bf64d428ca0b0ee",
  ],
  fingerprint: null,
  managed: ["star"],
  startedAt: new Date("2026-11-02T10:00:00Z"),
  finishedAt: new Date("2026-11-02T10:00:01Z"),
  format: 1,
  begun: null,
  former: [MONGO_RUN],
  fence: 1,
};

/** What the record says on any engine, without versions and checksums. */
const RUNS = [
  ["reverted", "down", "2026-11-01T10:00:00.000Z", 990.5, "astro", "0.1.0"],
  ["applied", "up", "2026-11-02T10:00:00.000Z", 990.5, "astro", "0.1.0"],
];

/** Applies the second migration to a database whose history holds the first. */
async function migratedFurther(
  db: Parameters<typeof migrate>[0],
  directory: string,
): Promise<void> {
  const [record] = await history(db);
  assert.ok(record);
  assert.deepEqual(
    [...record.former, record].map((run) => [
      run.state,
      run.direction,
      run.startedAt.toISOString(),
      run.milliseconds,
      run.user,
      run.toolVersion,
    ]),
    RUNS,
  );
  assert.equal(record.error, undefined);
  assert.deepEqual(record.managed, ["star"]);
  const { problems, pending } = await status(db, { directory });
  assert.deepEqual([problems, pending.map(({ id }) => id)], [[], [MOON]]);
  const { applied } = await migrate(db, { directory });
  assert.deepEqual(applied.map(({ id }) => id), [MOON]);
}

/** Rolls both migrations back, with the down files whose checksums the old record has. */
async function rolledBack(
  db: Parameters<typeof rollback>[0],
  directory: string,
): Promise<void> {
  const { reverted } = await rollback(db, { directory, steps: 2 });
  assert.deepEqual(reverted.map(({ id }) => id), [MOON, STAR]);
}

Deno.test("sql: a history of the version before is continued, and its columns stay", async () => {
  await using folder = await folderOf(SQL_FILES, "sql");
  await using client = await freshPglite();
  const schema = freshSchema();
  await client.exec(`create schema ${schema};
    create table ${schema}.dbp_migrations (${COLUMNS});
    create table ${schema}.star (id bigint primary key);`);
  const table = `${schema}.dbp_migrations`;
  await client.query(
    `insert into ${table} select * from jsonb_populate_record(cast(null as ${table}), $1)`,
    [SQL_ROW],
  );
  const shape = async (): Promise<unknown> =>
    (await client.query(
      "select column_name, data_type, is_nullable, column_default from information_schema.columns where table_schema = $1 and table_name = 'dbp_migrations' order by column_name",
      [schema],
    )).rows;
  const before = await shape();
  await using db = new SQLConnection<readonly []>({ models: [], client });
  await db.connect({ ENGINE: "pglite", SCHEMA: schema });
  await migratedFurther(db, folder.directory);
  assert.deepEqual(await shape(), before);
  const { rows } = await client.query<{ row: Record<string, unknown> }>(
    `select to_jsonb(m) as row from ${table} m order by id`,
  );
  assert.deepEqual(rows[0]?.row, SQL_ROW);
  assert.deepEqual(
    Object.keys(rows[1]?.row ?? {}).toSorted(),
    Object.keys(SQL_ROW).toSorted(),
  );
  // A new table has the same columns.
  await client.exec(
    `drop table ${table}; drop table ${schema}.star, ${schema}.moon`,
  );
  await migrate(db, folder);
  assert.deepEqual(await shape(), before);
});

Deno.test({
  name:
    "mongo: a history of the version before is continued, and its fields stay",
  ignore: withoutMongo,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using folder = await folderOf(MONGO_FILES, "mongo");
    const place = new Place({ models: [] });
    await place.connect(mongoSettings());
    try {
      const records = place.db.collection<{ _id: string }>("dbp_migrations");
      await records.insertOne(MONGO_DOCUMENT);
      await place.db.createCollection("star");
      await migratedFurther(place, folder.directory);
      const [first, second] = await records.find().sort({ _id: 1 }).toArray();
      assert.deepEqual(first, MONGO_DOCUMENT);
      assert.deepEqual(
        Object.keys(second ?? {}).toSorted(),
        Object.keys(MONGO_DOCUMENT).toSorted(),
      );
      await rolledBack(place, folder.directory);
    } finally {
      await place.db.dropDatabase();
      await place.close();
    }
  },
});

Deno.test("an invalid record is named with its columns, and a newer one with its format", () => {
  const read = (changes: object) =>
    readRecord({ ...SQL_ROW, ...changes }, columnOf);
  assert.equal(read({}).stepsTotal, 1);
  assert.equal(read({ steps_total: 2n }).stepsTotal, 2);
  assert.throws(
    () => read({ kind: "other", steps_total: "1", started_at: null }),
    fails(
      4,
      /history dbp_migrations, record 2026.*_star: kind: .*; steps_total: .*; started_at: .*Correct it manually/,
    ),
  );
  assert.throws(
    () => read({ kind: "other", format: 2, tool_version: "9.1.0" }),
    fails(4, /in format 2 by version 9\.1\.0, newer than this version/),
  );
});
