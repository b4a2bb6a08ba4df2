// A server whose clock jumps: every acknowledged write is stored once, and each migration is applied once and in order.
import {
  type Connection,
  DbPluginsError,
  MongoConnection,
  SQLConnection,
} from "@alerce/db-plugins";
import { history, type Migratable, status } from "@alerce/db-plugins/migrate";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { mongoDialect } from "../../src/mongo/migrations/dialect.ts";
import { clockTest, type FakeClock, fakeClock } from "../support/fake_clock.ts";
import {
  type ChildOptions,
  type MigratingChild,
  migratingChild,
  mongoChild,
} from "../support/migrating_child.ts";
import {
  MOON,
  STAR,
  SUN,
  type TestFolder,
  testFolder,
} from "../support/migrations_folder.ts";
import { startMongo, withoutMongo } from "../support/mongo_server.ts";
import { ROUNDS } from "../support/rounds.ts";
import { settingsOf, startPostgres } from "../support/servers.ts";

/** MongoDB refuses times that are more than a year ahead of its clock (`maxAcceptableLogicalClockDriftSecs`). */
const JUMPS = ["+100d", "-100d", "+0"];

/** What a migrating process does. */
interface StartOptions extends Pick<ChildOptions, "stopAt"> {
  /** Milliseconds after which its lock expires, if locks expire. */
  readonly lease?: number;
}

/** A server with a clock of its own. */
interface Place {
  readonly clock: FakeClock;
  readonly db: Connection<typeof SUITE_MODELS> & Migratable;
  readonly folder: TestFolder;
  /** Writes a migration with a step for each table. */
  write(id: string, ...tables: readonly string[]): Promise<void>;
  /** Starts a process that migrates. */
  start(options: StartOptions): MigratingChild;
  /** The last event of a process that holds the lock while the clock jumps forward. */
  readonly afterJump: "end" | "lock lost";
}

function test(
  engine: string,
  ignore: boolean,
  open: (clock: FakeClock, ends: AsyncDisposableStack) => Promise<Place>,
): void {
  clockTest(
    `${engine}: a server whose clock jumps stores each acknowledged write once, and applies each migration once`,
    async () => {
      await using ends = new AsyncDisposableStack();
      const clock = ends.use(await fakeClock("+0"));
      const place = await open(clock, ends);
      await writes(place);
      await migrations(place);
    },
    ignore,
  );
}

async function writes({ db, clock }: Place): Promise<void> {
  const stars = db.query(Star);
  const stored: bigint[] = [];
  let id = 0n;
  for (const jump of JUMPS) {
    const before = ++id;
    try {
      await db.transaction(async (tx) => {
        await tx.query(Star).insert({ id: before, name: jump });
        await clock.set(jump);
        await tx.query(Star).count();
      });
      stored.push(before);
    } catch (error) {
      // A server may end transactions that seem old.
      assert.ok(error instanceof DbPluginsError, Deno.inspect(error));
      assert.equal(error.outcome, "not applied");
    }
    stored.push(++id);
    await stars.bulkInsert([{ id, name: `after ${id}` }]);
    const rows = await Array.fromAsync(
      stars.stream({ orderBy: { id: "asc" } }),
    );
    assert.deepEqual(rows.map((row) => row.id), stored, jump);
  }
}

async function migrations(place: Place): Promise<void> {
  const { db, clock, folder: { directory }, write, start } = place;
  const children: MigratingChild[] = [];
  const run = (options: StartOptions = {}): MigratingChild => {
    const child = start(options);
    children.push(child);
    return child;
  };
  try {
    await write(STAR, "made_1", "made_2", "made_3");
    const holder = run({ stopAt: 2 });
    await holder.until(({ kind, step }) => kind === "step" && step === 2);
    const waiting = run();
    await waiting.until(({ kind }) => kind === "waiting");
    await clock.set("+100d");
    if (place.afterJump === "lock lost") {
      await waiting.until(({ kind }) => kind === "end");
    }
    await holder.goOn();
    await Promise.all([holder.ended, waiting.ended]);
    assert.deepEqual(
      [holder.events.at(-1)?.kind, waiting.events.at(-1)?.kind],
      [place.afterJump, "end"],
    );

    await clock.set("-100d");
    await write(MOON, "made_4");
    assert.equal((await run().ended).code, 0);

    await write(SUN, "made_5", "made_6");
    const killed = run({ stopAt: 1, lease: 2_000 });
    await killed.until(({ kind }) => kind === "step");
    killed.kill();
    await clock.set("-200d");
    const next = await run().ended;
    assert.equal(next.code, 0, next.err);

    const records = await history(db);
    assert.deepEqual(
      records.map(({ id, state, stepsDone }) => [id, state, stepsDone]),
      [[STAR, "applied", 3], [MOON, "applied", 1], [SUN, "applied", 2]],
    );
    assert.equal((await status(db, { directory })).exitCode, 0);
  } finally {
    for (const child of children) child.kill();
  }
}

test("postgresql", false, async (clock, ends) => {
  const server = await startPostgres([], {}, undefined, undefined, clock.env);
  ends.defer(() => server.stop());
  const settings = { ...settingsOf(server), SCHEMA: "public" };
  const db = ends.use(new SQLConnection({ models: SUITE_MODELS }));
  await db.connect(settings);
  await db.createDb();
  const folder = ends.use(await testFolder("sql"));
  const { directory } = folder;
  return {
    ...{ clock, db, folder, afterJump: "end" },
    write: (id, ...tables) =>
      folder.write({
        [`${id}.up.sql`]: tables.map((table) =>
          `-- dbp:step\ncreate table ${table} (id int);\n`
        ).join(""),
      }),
    start: ({ lease: _, ...options }) =>
      migratingChild({ settings, directory, ...options }),
  };
});

// A mongod with such a clock starts slowly: at night only.
test("mongodb", withoutMongo || ROUNDS === 1, async (clock, ends) => {
  const server = await startMongo({ env: clock.env });
  ends.defer(() => server.stop());
  const settings = { URL: server.url, DATABASE: "d" };
  const db = ends.use(new MongoConnection({ models: SUITE_MODELS }));
  await db.connect(settings);
  await db.createDb();
  const folder = ends.use(await testFolder("mongo"));
  const { directory } = folder;
  return {
    // The lease of the holder seems to have expired long ago.
    ...{ clock, db, folder, afterJump: "lock lost" },
    write: (id, ...tables) =>
      folder.write({
        [`${id}.up${mongoDialect.extension}`]: mongoDialect.print({
          steps: tables.map((table) => ({
            transaction: true,
            repeat: false,
            lockTimeout: undefined,
            statementTimeout: undefined,
            statements: [JSON.stringify({ create: table })],
          })),
          destructive: [],
          requires: [],
        }),
      }),
    start: ({ lease: length = 30_000, ...options }) =>
      mongoChild({
        ...{ settings, directory, ...options },
        lease: { length, renewal: length / 3 },
      }),
  };
});
