// Four processes increment one row at once: no increment is lost.
import {
  type AnyModel,
  type DatabaseConnection,
  MongoConnection,
  SQLConnection,
} from "@alerce/db-plugins";
import { Star, Tally } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import {
  freshSchema,
  mongoSettings,
  postgres15Settings,
  postgresSettings,
} from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";
import { ROUNDS } from "../support/rounds.ts";
import { program, ROOT } from "../support/program.ts";

const PROCESSES = 4;
const ROUNDS_EACH = 6;
/** Ways in which a process increments the row. */
const WAYS = 4;

const models: readonly AnyModel[] = [Star, Tally];

async function assertNoneLost(
  db: DatabaseConnection,
  settings: object,
): Promise<void> {
  await db.connect(settings);
  await db.createDb();
  const tallies = db.query(Tally);
  await tallies.insert({ id: 1, total: 0n, level: 0 });
  const finished = await Promise.all(
    Array.from(
      { length: PROCESSES },
      (_, process) =>
        program([`${ROOT}tests/query/increment_child.ts`], {
          env: {
            DBP_TEST_CHILD: JSON.stringify({
              settings,
              process,
              rounds: ROUNDS_EACH,
            }),
          },
        }),
    ),
  );
  for (const { code, err } of finished) assert.equal(code, 0, err);
  const row = await tallies.findOne({ filterBy: { id: 1 } });
  assert.equal(row?.total, BigInt(PROCESSES * ROUNDS_EACH * WAYS));
  assert.equal(row?.level, (PROCESSES - 1) * 1_000 + ROUNDS_EACH - 1);
  await db.dropDb();
}

const servers:
  readonly (readonly [string, Record<string, unknown> | undefined])[] = [
    ["PostgreSQL 18", postgresSettings()],
    ["PostgreSQL 15", ROUNDS > 1 ? postgres15Settings() : undefined],
  ];
for (const [name, settings] of servers) {
  if (settings === undefined) continue;
  Deno.test(`${name}: increments of four processes add up`, async () => {
    await using db = new SQLConnection({ models });
    await assertNoneLost(db, { ...settings, SCHEMA: freshSchema() });
  });
}
Deno.test({
  name: "MongoDB: increments of four processes add up",
  ignore: withoutMongo,
  async fn() {
    await using db = new MongoConnection({ models });
    await assertNoneLost(db, mongoSettings());
  },
});
