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

/** A connection whose schema is migrated. */
export type Migrated = SQLConnection<readonly []>;

/** Connects to an empty schema of its own. */
export async function opened(settings: object = {}): Promise<Migrated> {
  const db = new SQLConnection<readonly []>({ models: [] });
  await db.connect({
    ...postgresSettings(),
    SCHEMA: freshSchema(),
    ...settings,
  });
  return db;
}

/** Every server that the test command started: name and settings. */
export function everyServer(): readonly (readonly [string, object])[] {
  const other = postgres15Settings();
  return [
    ["PostgreSQL 18", postgresSettings()],
    ...other === undefined ? [] : [["PostgreSQL 15", other]] as const,
  ];
}

/** Options that lock without waiting and report nothing. */
export function lockOptions(options: Partial<LockOptions> = {}): LockOptions {
  return { wait: 0, onEvent: () => {}, toolVersion: "0.0.0", ...options };
}

/** Returns the record of a migration that begins. */
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
 * Runs the steps of a file that the history does not record as done.
 *
 * @param before is called before each step
 * @returns the number of steps that ran
 */
export async function apply(
  target: MigrationTarget,
  session: MigrationSession,
  id: string,
  text: string,
  before: (index: number) => void = () => {},
): Promise<number> {
  const script = target.dialect.parse(text, `${id}.up.sql`);
  const record = (await session.history()).find((each) => each.id === id);
  if (record?.state === "applied") return 0;
  const done = record?.stepsDone ?? 0;
  await session.record(beginning(id, script, done));
  for (let index = done; index < script.steps.length; index++) {
    before(index);
    await session.run(id, script, index);
  }
  await session.record({
    ...beginning(id, script, script.steps.length),
    state: "applied",
    finishedAt: new Date(),
  });
  return script.steps.length - done;
}

/** Runs {@link apply} under a lock of its own. */
export async function applied(
  db: Migrated,
  text: string,
  options: Partial<LockOptions> & { id?: string } = {},
): Promise<number> {
  const { id = "20260930T141502_test" } = options;
  const target = db.migrations();
  const session = await target.lock(lockOptions({ wait: 120_000, ...options }));
  try {
    return await apply(target, session, id, text);
  } finally {
    await session.release();
  }
}

/** Returns the only record of the history. */
export async function onlyRecord(
  db: Migrated,
): Promise<HistoryRecord | undefined> {
  const [record] = await db.migrations().history();
  return record;
}

/** Returns a collector of events. */
export function collecting(): {
  readonly events: MigrationEvent[];
  readonly onEvent: (event: MigrationEvent) => void;
} {
  const events: MigrationEvent[] = [];
  return { events, onEvent: (event) => events.push(event) };
}

/** Returns the first value of the first row. */
export async function one(db: Migrated, text: string): Promise<unknown> {
  const { rows } = await sql.raw<Record<string, unknown>>(text).execute(
    db.kysely,
  );
  const [row] = rows;
  return row === undefined ? undefined : Object.values(row)[0];
}

/** Runs statements one by one, without a transaction. */
export async function send(
  db: Pick<Migrated, "kysely">,
  ...statements: readonly string[]
): Promise<void> {
  for (const statement of statements) {
    await sql.raw(statement).execute(db.kysely);
  }
}

/** Starts a transaction that holds its locks until it is ended. */
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

/** Milliseconds after which a test stops waiting. */
const PATIENCE = 120_000;

/** Repeats a query until its value is not false, null or 0. */
export async function until(db: Migrated, text: string): Promise<unknown> {
  const late = AbortSignal.timeout(PATIENCE);
  for (;;) {
    if (late.aborted) throw new Error(`Waited too long for ${text}`);
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
