import { SQLConnection } from "@alerce/db-plugins";
import type {
  HistoryRecord,
  LockOptions,
  MigrationEvent,
  MigrationSession,
  MigrationTarget,
  NewRecord,
  Script,
} from "@alerce/db-plugins/engine";
import { sql } from "kysely";
import {
  freshSchema,
  postgres15Settings,
  postgresSettings,
} from "./engines.ts";

/** A connection to migrate. */
export type Migrated = SQLConnection<readonly []>;

/** A connection to an empty schema of its own. */
export async function opened(settings: object = {}): Promise<Migrated> {
  const db = new SQLConnection<readonly []>({ models: [] });
  await db.connect({
    ...postgresSettings(),
    SCHEMA: freshSchema(),
    ...settings,
  });
  return db;
}

/** Every server that the test command started, by name, with its settings. */
export function everyServer(): readonly (readonly [string, object])[] {
  const other = postgres15Settings();
  return [
    ["PostgreSQL 18", postgresSettings()],
    ...other === undefined ? [] : [["PostgreSQL 15", other]] as const,
  ];
}

/** How to lock in a test: at once, telling nobody. */
export function lockOptions(options: Partial<LockOptions> = {}): LockOptions {
  return { wait: 0, onEvent: () => {}, toolVersion: "0.0.0", ...options };
}

/** What the history says when a file begins. */
export function beginning(
  id: string,
  script: Script,
  stepsDone: number = 0,
): NewRecord {
  return {
    id,
    kind: "migrate",
    state: "running",
    direction: "up",
    upChecksum: script.checksum,
    downChecksum: undefined,
    downText: undefined,
    stepsTotal: script.steps.length,
    stepsDone,
    stepHashes: script.steps.map(({ hash }) => hash),
    fingerprint: undefined,
    managed: ["thing"],
    error: undefined,
    code: undefined,
    startedAt: new Date(),
    finishedAt: undefined,
    milliseconds: undefined,
  };
}

/**
 * Runs the steps of a text that the history does not have, on a session.
 *
 * @param before is told of each step before it runs
 * @returns how many steps it ran
 */
export async function apply(
  target: MigrationTarget,
  session: MigrationSession,
  id: string,
  text: string,
  before: (place: number) => void = () => {},
): Promise<number> {
  const script = target.dialect.parse(text, `${id}.up.sql`);
  const record = (await session.history()).find((each) => each.id === id);
  if (record?.state === "applied") return 0;
  const done = record?.stepsDone ?? 0;
  await session.record(beginning(id, script, done));
  for (let place = done; place < script.steps.length; place++) {
    before(place);
    await session.run(id, script, place);
  }
  await session.record({
    ...beginning(id, script, script.steps.length),
    state: "applied",
    finishedAt: new Date(),
  });
  return script.steps.length - done;
}

/** {@link apply} under a lock of its own. */
export async function applied(
  db: Migrated,
  text: string,
  options: Partial<LockOptions> & { id?: string } = {},
): Promise<number> {
  const { id = "20260930T141502_test" } = options;
  const target = db.migrations();
  const session = await target.lock(lockOptions({ wait: 30_000, ...options }));
  try {
    return await apply(target, session, id, text);
  } finally {
    await session.release();
  }
}

/** The only record of the history. */
export async function onlyRecord(
  db: Migrated,
): Promise<HistoryRecord | undefined> {
  const [record] = await db.migrations().history();
  return record;
}

/** Collects events. */
export function collecting(): {
  readonly events: MigrationEvent[];
  readonly onEvent: (event: MigrationEvent) => void;
} {
  const events: MigrationEvent[] = [];
  return { events, onEvent: (event) => events.push(event) };
}

/** One value of one row. */
export async function one(db: Migrated, text: string): Promise<unknown> {
  const { rows } = await sql.raw<Record<string, unknown>>(text).execute(
    db.kysely,
  );
  const [row] = rows;
  return row === undefined ? undefined : Object.values(row)[0];
}

/** Runs statements one by one, without transactions. */
export async function send(
  db: Pick<Migrated, "kysely">,
  ...statements: readonly string[]
): Promise<void> {
  for (const statement of statements) {
    await sql.raw(statement).execute(db.kysely);
  }
}

/** A transaction that holds what its statements took, until it is told to end. */
export async function holding(
  db: Migrated,
  ...statements: readonly string[]
): Promise<{ end(): Promise<void> }> {
  const [held, ended] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
  ];
  const transaction = db.kysely.transaction().execute(async (tx) => {
    for (const statement of statements) await sql.raw(statement).execute(tx);
    held.resolve();
    await ended.promise;
  });
  transaction.catch(held.reject);
  await held.promise;
  return {
    async end() {
      ended.resolve();
      await transaction;
    },
  };
}

/** Milliseconds after which what a test waits for is taken for never. */
const PATIENCE = 120_000;

/** Until a query gives something that is not false, null or 0. */
export async function until(db: Migrated, text: string): Promise<unknown> {
  const late = AbortSignal.timeout(PATIENCE);
  for (;;) {
    if (late.aborted) throw new Error(`Waited in vain for ${text}`);
    const value = await one(db, text);
    if (
      value !== null && value !== undefined && value !== false &&
      value !== 0n && value !== 0
    ) {
      return value;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
