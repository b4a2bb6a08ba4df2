// Clocks that are wrong, and jump while migrations run: the lock holds, and each file is applied once.
import { type DatabaseConnection, SQLConnection } from "@alerce/db-plugins";
import { history } from "@alerce/db-plugins/migrate";
import type { MigrationTarget } from "@alerce/db-plugins/engine";
import assert from "node:assert/strict";
import {
  freshSchema,
  mongoSettings,
  postgresSettings,
} from "../support/engines.ts";
import {
  clockEnvironment,
  clockTest,
  fakeClock,
} from "../support/fake_clock.ts";
import {
  type MigratingChild,
  migratingChild,
  mongoChild,
} from "../support/migrating_child.ts";
import { testFolder } from "../support/migrations_folder.ts";
import { Place } from "../support/mongo_migrating.ts";
import { withoutMongo } from "../support/mongo_server.ts";

type Db = DatabaseConnection & { migrations(): MigrationTarget };
type Start = (
  options: { stopAt?: number; env: Record<string, string> },
) => MigratingChild;

function test(
  engine: string,
  ignore: boolean,
  fn: () => Promise<void>,
): void {
  clockTest(
    `${engine}: processes whose clocks differ by years, and jump, apply a file once`,
    fn,
    ignore,
  );
}

async function raced(start: Start, db: Db): Promise<void> {
  // By its own clock, the lock of the holder ended long ago, for itself and for the process that waits.
  await using clock = await fakeClock("-400d");
  const holder = start({ stopAt: 2, env: clock.env });
  try {
    await holder.until(({ kind, step }) => kind === "step" && step === 2);
    const waiting = start({ env: clockEnvironment({ FAKETIME: "+400d" }) });
    await waiting.until(({ kind }) => kind === "waiting");
    await clock.set("+800d");
    await holder.goOn();
    for (const child of [holder, waiting]) {
      const { code, err } = await child.ended;
      assert.equal(code, 0, err);
    }
    const steps = [holder, waiting].map(({ events }) =>
      events.find(({ kind }) => kind === "end")?.steps
    );
    assert.deepEqual(steps, [[3], []]);
    const records = await history(db);
    assert.deepEqual(
      records.map(({ state, stepsDone }) => [state, stepsDone]),
      [["applied", 3]],
    );
  } finally {
    holder.kill();
  }
}

test("postgresql", false, async () => {
  await using folder = await testFolder("sql");
  await folder.write({
    "20200101T000000_test.up.sql": [1, 2, 3].map((step) =>
      `-- dbp:step\ncreate table made_${step} (id int);\n`
    ).join(""),
  });
  const settings = { ...postgresSettings(), SCHEMA: freshSchema() };
  await using db = new SQLConnection({ models: [] });
  await db.connect(settings);
  await db.sql`select 1`;
  await raced(
    (options) =>
      migratingChild({ settings, directory: folder.directory, ...options }),
    db,
  );
});

test("mongodb", withoutMongo, async () => {
  await using folder = await testFolder("mongo");
  const settings = mongoSettings();
  await using db = new Place({ models: [] });
  await db.connect(settings);
  const { dialect } = db.migrations();
  await folder.write({
    [`20200101T000000_test.up${dialect.extension}`]: dialect.print({
      steps: [1, 2, 3].map((step) => ({
        transaction: true,
        repeat: false,
        lockTimeout: undefined,
        statementTimeout: undefined,
        statements: [JSON.stringify({ create: `made_${step}` })],
      })),
      destructive: [],
      requires: [],
    }),
  });
  await raced(
    (options) =>
      mongoChild({
        settings,
        directory: folder.directory,
        lease: { length: 20_000, renewal: 2_000 },
        ...options,
      }),
    db,
  );
  await db.db.dropDatabase();
});
