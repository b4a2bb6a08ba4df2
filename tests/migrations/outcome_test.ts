// The outcome that the error of a migration reports for the failed step.
import {
  DbPluginsError,
  LockError,
  type SQLConnection,
  type WriteOutcome,
} from "@alerce/db-plugins";
import { migrate, stamp, status } from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { TIMES } from "../../src/sql/driver/watch_times.ts";
import { freshSchema, postgresSettings } from "../support/engines.ts";
import {
  folderOf,
  STAR,
  type TestFolder,
} from "../support/migrations_folder.ts";
import { opened, send } from "../support/migrating.ts";
import { mongoTest } from "../support/mongo_migrating.ts";
import {
  startSwallowingProxy,
  type SwallowingProxy,
} from "../support/swallowing_proxy.ts";

const HINT = /The step may be complete, partly done, or absent: `dbp status/;

/** Returns the error of some work, with its outcome. */
async function failureOf(
  work: Promise<unknown>,
  outcome: WriteOutcome,
): Promise<DbPluginsError> {
  const error = await work.then(() => undefined, (error) => error);
  assert.ok(error instanceof DbPluginsError, String(error));
  assert.equal(error.outcome, outcome, error.message);
  assert.equal(HINT.test(error.message), outcome === "unknown", error.message);
  return error;
}

interface Case {
  readonly db: SQLConnection<readonly []>;
  /** Forwards the connections of `db`. */
  readonly proxy: SwallowingProxy;
  readonly folder: TestFolder;
  /** The number of recorded steps, as `dbp status` shows it. */
  stepsDone(): Promise<number | undefined>;
}

/** Registers a test of a PostgreSQL migration, with short times for a server that does not answer. */
function postgresTest(
  name: string,
  text: string,
  fn: (test: Case) => Promise<void>,
): void {
  Deno.test({
    name: `postgresql: ${name}`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const before = { ...TIMES };
      Object.assign(TIMES, {
        tick: 20,
        silentTicks: 3,
        answer: 10_000,
        grace: 300,
      });
      const SCHEMA = freshSchema();
      await using folder = await folderOf({ [`${STAR}.up.sql`]: text }, "sql");
      const proxy = startSwallowingProxy(Number(postgresSettings().PORT));
      await using direct = await opened({ SCHEMA });
      const db = await opened({ SCHEMA, PORT: proxy.port });
      try {
        await send(direct, `create schema ${SCHEMA}`);
        await fn({
          db,
          proxy,
          folder,
          stepsDone: async () =>
            (await status(direct, folder)).pending[0]?.stepsDone,
        });
      } finally {
        Object.assign(TIMES, before);
        await db.close();
        proxy.close();
      }
    },
  });
}

const STEPS = `-- dbp:step
create table one (id int);
-- dbp:step
create table two (id int);
-- dbp:step
create table three (id int);`;

postgresTest(
  "a step whose commit gets no answer is unknown, and status shows that it is done",
  STEPS,
  async ({ db, proxy, folder, stepsDone }) => {
    const onProgress = (event: object): void => {
      if ("step" in event && event.step === 2) {
        proxy.swallowAnswersTo("commit\0");
      }
    };
    const error = await failureOf(
      migrate(db, { ...folder, onProgress }),
      "unknown",
    );
    assert.ok(error instanceof LockError);
    assert.match(error.message, /up\.sql:\d+, step 2 of 3: Lost the migration/);
    assert.match(
      error.message,
      /The earlier steps are done; `dbp migrate` continues there/,
    );
    assert.equal(await stepsDone(), 2);
    assert.deepEqual(
      (await migrate(db, folder)).applied.map(({ steps }) => steps),
      [1],
    );
  },
);

postgresTest(
  "a step that is lost before its commit is not applied",
  STEPS,
  async ({ db, proxy, folder, stepsDone }) => {
    const onProgress = (event: object): void => {
      if ("step" in event && event.step === 2) {
        proxy.swallowAnswersTo("create table two");
      }
    };
    await failureOf(migrate(db, { ...folder, onProgress }), "not applied");
    assert.equal(await stepsDone(), 1);
  },
);

postgresTest(
  "a signal during a step rolls it back",
  "create table one (id int); select pg_sleep(100);",
  async ({ db, folder, stepsDone }) => {
    const aborting = new AbortController();
    const onProgress = ({ kind }: { readonly kind: string }): void => {
      if (kind === "step") setTimeout(() => aborting.abort(), 300);
    };
    const { signal } = aborting;
    await failureOf(
      migrate(db, { ...folder, signal, onProgress }),
      "not applied",
    );
    assert.equal(await stepsDone(), 0);
  },
);

postgresTest(
  "a signal before the first step leaves it not applied",
  STEPS,
  async ({ db, folder, stepsDone }) => {
    const aborting = new AbortController();
    const onProgress = ({ kind }: { readonly kind: string }): void => {
      if (kind === "migration") aborting.abort();
    };
    const { signal } = aborting;
    await failureOf(
      migrate(db, { ...folder, signal, onProgress }),
      "not applied",
    );
    assert.equal(await stepsDone(), 0);
  },
);

postgresTest(
  "if the last record is refused, every step is applied",
  `-- dbp:step
create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
-- dbp:step
create trigger refusing before update on dbp_migrations
  for each row when (new.state = 'applied') execute function refuse();`,
  async ({ db, folder, stepsDone }) => {
    const error = await failureOf(migrate(db, folder), "applied");
    assert.match(error.message, /up\.sql, after its last step: .*refused/);
    assert.equal(await stepsDone(), 2);
  },
);

postgresTest(
  "the batches of a repeated step stay, and the error counts their rows",
  `-- dbp:step
create table one (id int check (id < 9)); insert into one select generate_series(1, 8);
-- dbp:step repeat
update one set id = id + 4 where id in (select id from one where id < 8 order by id limit 2);`,
  async ({ db, folder }) => {
    const error = await failureOf(migrate(db, folder), "unknown");
    assert.match(error.message, /The earlier batches changed \d+ rows, which/);
  },
);

postgresTest(
  "an index that cannot be built concurrently is removed, so the step is not applied",
  `-- dbp:step
create table one (id int); insert into one values (1), (1);
-- dbp:step tx=none
create unique index concurrently one_id on one (id);`,
  async ({ db, folder }) => {
    const error = await failureOf(migrate(db, folder), "not applied");
    assert.match(error.message, /one_id/);
  },
);

postgresTest(
  "a procedure that commits a part before it fails is unknown",
  `-- dbp:step
create table one (id int);
-- dbp:step
create procedure fill() language plpgsql as $$ begin insert into one values (1); commit; perform 1 / 0; end $$;
-- dbp:step tx=none
call fill();`,
  async ({ db, folder }) => {
    await failureOf(migrate(db, folder), "unknown");
  },
);

postgresTest(
  "errors before the first step, and of a stamp that was refused, have an outcome too",
  "insert into nowhere values (1);",
  async ({ db, proxy, folder }) => {
    await failureOf(migrate(db, { ...folder, to: "nothing" }), "not applied");
    const session = await db.migrations().lock({
      wait: 0,
      onEvent: () => {},
      toolVersion: "0",
    });
    await failureOf(stamp(db, { ...folder, lockWait: 0 }), "not applied");
    await session.release();
    proxy.swallowAll();
    await failureOf(migrate(db, folder), "not applied");
  },
);

for (
  const [name, outcome, command] of [
    [
      "a command that the server refuses as a whole is not applied",
      "not applied",
      { collMod: "nowhere", validationLevel: "off" },
    ],
    [
      "an insert that is refused halfway is unknown",
      "unknown",
      { insert: "one", documents: [{ _id: 1 }, { _id: 1, a: 2 }] },
    ],
  ] as const
) {
  mongoTest(name, async ({ open }) => {
    const db = await open([]);
    await using folder = await folderOf({
      [`${STAR}.up.json`]: JSON.stringify([{ create: "one" }, command]),
    }, "mongo");
    const error = await failureOf(migrate(db, folder), outcome);
    assert.match(error.message, /step 2 of 2: .*The earlier steps are done; /);
    assert.equal((await status(db, folder)).pending[0]?.stepsDone, 1);
  });
}
