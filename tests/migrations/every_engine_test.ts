// The life of a schema on every engine and real servers: generated, applied, rolled back and applied again, and every problem of files.
import {
  type AnyModel,
  type Connection,
  defineModel,
  SQLConnection,
} from "@alerce/db-plugins";
import type { DraftStep } from "@alerce/db-plugins/engine";
import {
  assertMigrated,
  baseline,
  check,
  drift,
  history,
  makeMigrations,
  migrate,
  printSql,
  rollback,
  stamp,
  status,
} from "@alerce/db-plugins/migrate";
import { sql } from "kysely";
import assert from "node:assert/strict";
import { z } from "zod";
import {
  freshPglite,
  freshSchema,
  mongoSettings,
  postgresSettings,
} from "../support/engines.ts";
import {
  fails,
  type TestFolder,
  testFolder,
} from "../support/migrations_folder.ts";
import { Place } from "../support/mongo_migrating.ts";
import { withoutMongo } from "../support/mongo_server.ts";

/** A database that connections with different models share. */
interface Server extends AsyncDisposable {
  open(models: readonly AnyModel[]): Promise<Connection>;
  /** Returns the names of the tables, without the history. */
  tables(): Promise<string[]>;
  /** Stores a newer format in the history. */
  age(): Promise<void>;
  /** Removes the former runs, which an earlier version did not store. */
  forget(): Promise<void>;
}

interface EngineFiles {
  readonly name: string;
  readonly folder: string;
  start(): Promise<Server>;
  /** Returns a statement that creates a table without a model. */
  make(table: string): string;
  /** A statement that the server refuses, and the error. */
  readonly refused: string;
  readonly refusal: RegExp;
  /** A requirement that no server meets, and the problem. */
  readonly unmet: string;
  readonly server: RegExp;
}

const MAG = z.float64().nullable().meta({ unit: "mag" });
const ID = z.int64();

const STAR = defineModel("star", {
  fields: z.object({ id: ID, name: z.string() }),
  primaryKey: ["id"],
});

/** The same model, later. */
const BRIGHT = defineModel("star", {
  fields: z.object({ id: ID, name: z.string(), mag: MAG }),
  primaryKey: ["id"],
  indexes: [{ fields: ["mag"] }],
});

const NIGHT = defineModel("night", {
  fields: z.object({ id: ID, seeing: MAG }),
  primaryKey: ["id"],
});

const HISTORY = "dbp_migrations";

async function sqlServer(
  settings: Record<string, unknown>,
  client?: unknown,
): Promise<Server> {
  const schema = freshSchema();
  const opened: Connection[] = [];
  const connect = async <const M extends readonly AnyModel[]>(
    models: M,
  ): Promise<SQLConnection<M>> => {
    const db = new SQLConnection({ models, client });
    await db.connect({ ...settings, SCHEMA: schema });
    opened.push(db);
    return db;
  };
  const look = await connect([]);
  return {
    open: connect,
    async tables() {
      const { rows } = await sql<{ name: string }>`
        select c.relname as name from pg_class c where c.relkind in ('r', 'p')
        and c.relnamespace = to_regnamespace(${schema}) and c.relname <> ${HISTORY}
        order by 1`.execute(look.kysely);
      return rows.map(({ name }) => name);
    },
    async age() {
      await sql`update ${sql.table(`${schema}.${HISTORY}`)} set format = 2`
        .execute(look.kysely);
    },
    async forget() {
      await sql`alter table ${
        sql.table(`${schema}.${HISTORY}`)
      } drop column former`.execute(look.kysely);
    },
    async [Symbol.asyncDispose]() {
      await sql`drop schema if exists ${sql.ref(schema)} cascade`.execute(
        look.kysely,
      );
      for (const db of opened) await db.close();
    },
  };
}

async function mongoServer(): Promise<Server> {
  const settings = mongoSettings();
  const opened: Place[] = [];
  const connect = async (models: readonly AnyModel[]): Promise<Place> => {
    const db = new Place({ models });
    await db.connect(settings);
    opened.push(db);
    return db;
  };
  const { db } = await connect([]);
  return {
    open: connect,
    async tables() {
      const all = await db.listCollections().toArray();
      return all.map(({ name }) => name)
        .filter((name) => !name.startsWith(HISTORY)).sort();
    },
    async age() {
      await db.collection(HISTORY).updateMany({ id: { $exists: true } }, {
        $set: { format: 2 },
      });
      await db.collection(HISTORY).updateMany({ format: { $exists: true } }, {
        $set: { format: 2 },
      });
    },
    async forget() {
      await db.collection(HISTORY).updateMany({}, { $unset: { former: 1 } });
    },
    async [Symbol.asyncDispose]() {
      await db.dropDatabase();
      for (const place of opened) await place.close();
    },
  };
}

const SQL_FILES = {
  folder: "sql",
  make: (table: string) => `CREATE TABLE ${table} (id bigint PRIMARY KEY)`,
  refused: "INSERT INTO nowhere VALUES (1)",
  refusal: /relation "nowhere" does not exist/,
  unmet: "pg>=99",
  server: /three\.up\.sql requires pg>=99; the server is PostgreSQL \d+/,
};

/** Each test has a schema of its own in it. */
let pglite: ReturnType<typeof freshPglite> | undefined;

const ENGINES: readonly EngineFiles[] = [
  {
    ...SQL_FILES,
    name: "postgresql",
    start: () => sqlServer(postgresSettings()),
  },
  {
    ...SQL_FILES,
    name: "pglite",
    start: async () =>
      await sqlServer({ ENGINE: "pglite" }, await (pglite ??= freshPglite())),
  },
  ...withoutMongo ? [] : [{
    name: "mongodb",
    folder: "mongo",
    start: mongoServer,
    make: (table: string) => JSON.stringify({ create: table }),
    refused: JSON.stringify({ collMod: "nowhere", validationLevel: "off" }),
    refusal: /ns does not exist/,
    unmet: "mongodb>=99",
    server: /three\.up\.json requires mongodb>=99; the server is MongoDB \d+/,
  }],
];

/** Runs a test on every engine, with a database and a folder of its own. */
function everywhere(
  name: string,
  fn: (
    server: Server,
    folder: TestFolder,
    engine: EngineFiles,
  ) => Promise<void>,
): void {
  for (const engine of ENGINES) {
    Deno.test({
      name: `${engine.name}: ${name}`,
      // The clients of the servers stay open.
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        await using folder = await testFolder(engine.folder);
        await using server = await engine.start();
        await fn(server, folder, engine);
      },
    });
  }
}

/** Writes a migration manually: each statement is a step. */
async function writeManually(
  db: Connection,
  folder: TestFolder,
  id: string,
  up: readonly string[],
  down: readonly string[] = [],
  requires: readonly string[] = [],
): Promise<void> {
  const { dialect } = db.migrations();
  const step = (statement: string): DraftStep => ({
    transaction: true,
    repeat: false,
    lockTimeout: undefined,
    statementTimeout: undefined,
    statements: [statement],
  });
  const text = (statements: readonly string[]): string =>
    dialect.print({
      steps: statements.map(step),
      destructive: [],
      requires,
      ...(statements.length === 0 ? { irreversible: "written manually" } : {}),
    });
  await folder.write({
    [`${id}.up${dialect.extension}`]: text(up),
    [`${id}.down${dialect.extension}`]: text(down),
  });
}

everywhere(
  "a migration is generated, applied, changed, rolled back and applied again, and the rows stay",
  async (server, folder) => {
    const first = await server.open([STAR]);
    const made = await makeMigrations(first, folder);
    assert.ok(made.files && made.written);
    await migrate(first, folder);
    assert.equal((await makeMigrations(first, folder)).files, undefined);
    await assertMigrated(first, folder);
    await first.query(STAR).bulkInsert([{ id: 1n, name: "Algol" }]);
    const start = await first.migrations().fingerprint();

    const second = await server.open([BRIGHT, NIGHT]);
    await assert.rejects(assertMigrated(second), fails(5, /mag/, /night/));
    await assert.rejects(
      makeMigrations(second, { ...folder, check: true }),
      fails(2, /night/),
    );
    assert.ok((await makeMigrations(second, folder)).files);
    await assert.rejects(
      makeMigrations(second, folder),
      fails(2, /pending/),
    );
    assert.equal((await check(second, folder)).exitCode, 2);
    const { applied } = await migrate(second, folder);
    assert.equal(applied.length, 1);
    assert.equal((await makeMigrations(second, folder)).files, undefined);
    assert.deepEqual((await check(second, folder)).problems, []);
    await second.query(BRIGHT).bulkInsert([{ id: 2n, name: "Mira", mag: 3 }]);
    assert.deepEqual(await server.tables(), ["night", "star"]);
    const end = await second.migrations().fingerprint();
    assert.notEqual(start, end);

    assert.equal((await rollback(second, folder)).reverted.length, 1);
    assert.equal(await first.migrations().fingerprint(), start);
    assert.deepEqual(await server.tables(), ["star"]);
    assert.equal((await drift(first)).exitCode, 0);
    assert.equal(await first.query(STAR).count(), 2);

    await migrate(second, folder);
    assert.equal(await second.migrations().fingerprint(), end);
    assert.equal((await drift(second, folder)).exitCode, 0);
    await rollback(second, { ...folder, steps: Infinity });
    assert.deepEqual(await server.tables(), []);
    assert.deepEqual(
      (await history(second)).map(({ state }) => state),
      ["reverted", "reverted"],
    );
    await migrate(second, folder);
    assert.equal(await second.migrations().fingerprint(), end);
  },
);

const FILTER = defineModel("filter", {
  fields: z.object({
    survey: z.int32(),
    band: z.string(),
    nm: z.float32().nullable(),
    made: z.date().default(() => new Date()),
  }),
  primaryKey: ["survey", "band"],
  seed: [
    { survey: 1, band: "g", nm: 480.1 },
    { survey: 1, band: "r", nm: null },
    { survey: 2, band: "g" },
  ],
});

everywhere(
  "drift names look-up rows that are missing or have other values",
  async (server, folder) => {
    const db = await server.open([FILTER, STAR]);
    await makeMigrations(db, folder);
    assert.deepEqual((await drift(db, folder)).lookupRows, []);
    await migrate(db, folder);
    const same = await drift(db, folder);
    assert.deepEqual([same.exitCode, same.lookupRows], [0, []]);
    const filters = db.query(FILTER);
    await filters.bulkUpdate([{ survey: 1, band: "r", nm: 620 }]);
    await filters.deleteAll({ filterBy: { survey: 2 } });
    await filters.insert({ survey: 3, band: "z" });
    const changed = await drift(db, folder);
    assert.deepEqual([changed.exitCode, changed.lookupRows], [5, [
      "the look-up row filter (survey=1, band=r) has another nm",
      "the look-up row filter (survey=2, band=g) is missing",
    ]]);
    assert.equal((await check(db, folder)).exitCode, 0);
    await db.createDb();
    assert.equal((await drift(db)).lookupRows.length, 1);
  },
);

everywhere(
  "a baseline creates an empty database, or records an existing one",
  async (server, folder) => {
    const db = await server.open([BRIGHT, NIGHT]);
    const { applied, recorded } = await baseline(db, folder);
    assert.deepEqual([applied.length, recorded], [1, []]);
    assert.deepEqual(await server.tables(), ["night", "star"]);
    await db.createDb({ verify: true });
    assert.equal((await makeMigrations(db, folder)).files, undefined);
    assert.equal((await check(db, folder)).exitCode, 0);
    await assert.rejects(rollback(db, folder), fails(1, /is a baseline/));
    const [first] = await history(db);
    assert.ok(first?.managed.includes("star"));
  },
);

everywhere(
  "existing tables are recorded by a baseline",
  async (server, folder) => {
    const db = await server.open([BRIGHT, NIGHT]);
    await db.createDb();
    await db.query(BRIGHT).bulkInsert([{ id: 1n, name: "Algol", mag: 2 }]);
    const { files, recorded } = await baseline(db, folder);
    assert.deepEqual(recorded, [files?.id]);
    assert.equal(await db.query(BRIGHT).count(), 1);
    assert.equal((await makeMigrations(db, folder)).files, undefined);
    assert.equal((await check(db, folder)).exitCode, 0);
    const fewer = await server.open([BRIGHT]);
    await assert.rejects(makeMigrations(fewer, folder), {
      name: "DecisionError",
      message:
        "Should night be dropped with all its data? Decide with --drop night",
    });
    await assert.rejects(
      makeMigrations(fewer, { ...folder, drops: ["nigth"] }),
      fails(64, /Cannot use --drop nigth: .*; did you mean night\?/),
    );
    const { files: dropping, changes } = await makeMigrations(fewer, {
      ...folder,
      drops: ["night"],
    });
    assert.ok(dropping && changes.join().includes("night"));
    await migrate(fewer, folder);
    const again = await makeMigrations(fewer, { ...folder, drops: ["night"] });
    assert.equal(again.files, undefined);
    assert.deepEqual(await server.tables(), ["star"]);
  },
);

everywhere(
  "a refused step stops the run, which continues there after the file is corrected",
  async (server, folder, { make, refused, refusal }) => {
    const db = await server.open([]);
    const id = "20260930T120000_things";
    await writeManually(db, folder, id, [make("one"), refused, make("two")]);
    const first = "20260930T110000_first";
    await writeManually(db, folder, first, [make("first")]);
    const error = await migrate(db, folder).catch((error) => error);
    fails(1, /things\.up\..*step 2 of 3/, refusal)(error);
    assert.equal(error.outcome, "not applied");
    assert.match(
      error.message,
      /The earlier steps are done; .* Done before and kept: 20260930T110000_first$/,
    );
    assert.deepEqual(await server.tables(), ["first", "one"]);
    const [, failed] = await history(db);
    assert.deepEqual([failed?.state, failed?.stepsDone], ["failed", 1]);
    assert.match(failed?.error ?? "", refusal);
    assert.ok(failed?.code);
    assert.deepEqual(
      (await status(db, folder)).pending.map(({ stepsDone }) => stepsDone),
      [1],
    );
    const { dialect } = db.migrations();
    const printed = dialect.parse(await printSql(db, folder), "printed");
    assert.equal(printed.steps.length, 2);
    await writeManually(db, folder, id, [
      make("one"),
      make("three"),
      make("two"),
    ]);
    const { applied } = await migrate(db, folder);
    assert.deepEqual(applied.map(({ steps }) => steps), [2]);
    assert.deepEqual(await server.tables(), ["first", "one", "three", "two"]);
  },
);

everywhere(
  "edited, missing, late and empty files, files of the same second, and a newer history are refused",
  async (server, folder, { make }) => {
    const db = await server.open([]);
    const { extension } = db.migrations().dialect;
    const one = "20260930T120000_one";
    await writeManually(db, folder, one, [make("one")]);
    await migrate(db, folder);
    await writeManually(db, folder, one, [make("other")]);
    await assert.rejects(migrate(db, folder), fails(4, /one\.up.*was edited/));
    assert.deepEqual((await stamp(db, folder)).accepted, [one]);

    const late = "20260930T110000_late";
    await writeManually(db, folder, late, [make("late")]);
    await assert.rejects(migrate(db, folder), fails(4, /out of order/));
    await migrate(db, { ...folder, outOfOrder: true });
    assert.deepEqual(await server.tables(), ["late", "one"]);

    await writeManually(db, folder, "20260930T110000_twin", [make("twin")]);
    await assert.rejects(migrate(db, folder), fails(4, /has the same time as/));
    await folder.remove(
      `20260930T110000_twin.up${extension}`,
      `20260930T110000_twin.down${extension}`,
    );

    const { files } = await makeMigrations(db, { ...folder, empty: true });
    assert.ok(files);
    await assert.rejects(migrate(db, folder), fails(4, /has no statement/));
    await Deno.remove(files.up);
    await assert.rejects(
      migrate(db, folder),
      fails(4, /without its up migration/),
    );
    await Deno.remove(files.down);

    await folder.remove(`${one}.up${extension}`, `${one}.down${extension}`);
    await assert.rejects(migrate(db, folder), fails(4, /one was applied on/));
    await writeManually(db, folder, one, [make("other")]);
    assert.deepEqual((await migrate(db, folder)).applied, []);

    await server.age();
    await assert.rejects(history(db), fails(4, /newer than this/));
    for (const look of [migrate, rollback, status, check]) {
      await assert.rejects(
        look(db, folder),
        fails(4, /newer than this version/),
      );
    }
    assert.deepEqual(await server.tables(), ["late", "one"]);
  },
);

everywhere(
  "if a server does not meet a requirement of any file, no file runs and every command reports it",
  async (server, folder, { make, unmet, server: problem }) => {
    const db = await server.open([]);
    const three = "20260930T120002_three";
    await writeManually(db, folder, "20260930T120000_one", [make("one")]);
    await writeManually(db, folder, "20260930T120001_two", [make("two")]);
    await writeManually(db, folder, three, [make("three")], [], [unmet]);
    const dry = { ...folder, dryRun: true };
    for (
      const run of [
        () => migrate(db, folder),
        () => migrate(db, dry),
        () => printSql(db, folder),
      ]
    ) await assert.rejects(run(), fails(4, problem));
    assert.deepEqual(await server.tables(), []);
    assert.deepEqual(await history(db), []);
    for (const look of [status, check]) {
      const { problems, exitCode } = await look(db, folder);
      const [first] = problems.filter(({ kind }) => kind === "server");
      assert.deepEqual([first?.exitCode, first?.id], [4, three]);
      assert.match(first?.problem ?? "", problem);
      assert.equal(exitCode, 4);
    }
    // A migration that is not run yet may wait for a newer server.
    const { applied } = await migrate(db, { ...folder, steps: 2 });
    assert.equal(applied.length, 2);
    assert.deepEqual(await server.tables(), ["one", "two"]);
    await assert.rejects(migrate(db, folder), fails(4, problem));
  },
);

everywhere(
  "the history keeps every run of a migration",
  async (server, folder, { make, refused, refusal }) => {
    const db = await server.open([]);
    const id = "20260930T120000_things";
    const runs = async (): Promise<unknown[]> => {
      const [record] = await history(db);
      assert.ok(record);
      return [...record.former, record].map((
        { state, direction, stepsDone },
      ) => [state, direction, stepsDone]);
    };
    await writeManually(db, folder, id, [make("one"), refused], [refused]);
    await assert.rejects(migrate(db, folder), fails(1, refusal));
    await writeManually(db, folder, id, [make("one"), make("two")], [refused]);
    await migrate(db, folder);
    assert.deepEqual(await runs(), [["failed", "up", 1], ["applied", "up", 2]]);
    await assert.rejects(rollback(db, folder), fails(1, refusal));
    const [tried] = await history(db);
    assert.match(tried?.error ?? "", refusal);
    const [first, second] = tried?.former ?? [];
    assert.match(first?.error ?? "", refusal);
    assert.deepEqual([second?.error, first?.code], [undefined, tried?.code]);
    assert.ok(first && second && tried && first.startedAt < second.startedAt);
    assert.ok(second.finishedAt && second.finishedAt <= tried.startedAt);
    assert.deepEqual([first.user, first.host], [tried.user, tried.host]);

    // A record of an earlier version is read, and stores former runs from the next run on.
    await server.forget();
    assert.deepEqual(await runs(), [["failed", "down", 0]]);
    assert.equal((await status(db, folder)).applied.length, 1);
    await assert.rejects(rollback(db, folder), fails(1, refusal));
    const again = [["failed", "down", 0], ["failed", "down", 0]];
    assert.deepEqual(await runs(), again);

    // A killed run has no end.
    const target = db.migrations();
    const session = await target.lock({
      wait: 0,
      onEvent: () => {},
      toolVersion: "0.0.0",
    });
    const [{ user: _, host: __, former: ___, ...killed } = tried] =
      await history(db);
    const startedAt = new Date(+killed.startedAt + 1);
    await session.record({
      ...killed,
      state: "running",
      finishedAt: undefined,
      startedAt,
    });
    await session.release();
    await assert.rejects(rollback(db, folder), fails(1, refusal));
    assert.deepEqual(await runs(), [
      ...again,
      ["running", "down", 0],
      ["failed", "down", 0],
    ]);
  },
);

everywhere(
  "only the most recent of very many runs are kept",
  async (server, folder, { make }) => {
    const db = await server.open([]);
    await writeManually(db, folder, "20260930T120000_things", [make("one")]);
    await migrate(db, folder);
    const session = await db.migrations().lock({
      wait: 0,
      onEvent: () => {},
      toolVersion: "0.0.0",
    });
    const [record] = await session.history();
    assert.ok(record);
    const begun = (more: number): Date => new Date(+record.startedAt + more);
    for (let more = 1; more <= 103; more++) {
      await session.record({ ...record, startedAt: begun(more) });
    }
    await session.release();
    const [{ former } = record] = await history(db);
    assert.deepEqual(
      former.map(({ startedAt }) => startedAt),
      Array.from({ length: 100 }, (_, index) => begun(index + 3)),
    );
  },
);

everywhere(
  "a signal stops a run between two steps, and the next run acquires the lock at once",
  async (server, folder, { make }) => {
    const db = await server.open([]);
    await writeManually(db, folder, "20260930T120000_things", [
      make("one"),
      make("two"),
      make("three"),
    ]);
    const stop = new AbortController();
    await assert.rejects(
      migrate(db, {
        ...folder,
        signal: stop.signal,
        onProgress: (event) => {
          if (event.kind === "step" && event.step === 2) stop.abort();
        },
      }),
      fails(1, /things/),
    );
    const [stopped] = await history(db);
    assert.equal(stopped?.state, "failed");
    const done = stopped?.stepsDone ?? 0;
    assert.deepEqual((await server.tables()).length, done);
    assert.ok(done === 1 || done === 2);
    await migrate(db, { ...folder, lockWait: 0 });
    assert.deepEqual(await server.tables(), ["one", "three", "two"]);
  },
);

everywhere(
  "a rollback without its down file uses the copy in the history",
  async (server, folder) => {
    const first = await server.open([STAR]);
    await makeMigrations(first, { ...folder, name: "first" });
    await migrate(first, folder);
    const second = await server.open([BRIGHT, NIGHT]);
    const { files } = await makeMigrations(second, folder);
    assert.ok(files);
    await migrate(second, folder);
    await Deno.remove(files.up);
    await Deno.remove(files.down);
    // The older checkout has neither the new models nor the new files.
    await assert.rejects(
      migrate(first, folder),
      fails(4, /its file is not in/),
    );
    const dry = await rollback(first, { ...folder, dryRun: true });
    assert.deepEqual(dry.pending.map(({ fromHistory }) => fromHistory), [true]);
    await rollback(first, folder);
    assert.deepEqual(await server.tables(), ["star"]);
    await assertMigrated(first, folder);
    assert.equal((await check(first, folder)).exitCode, 0);
  },
);
