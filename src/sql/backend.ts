import type { Backend, OpenOptions } from "../engine.ts";
import { DuplicateKeyError, SerializationError } from "../errors.ts";
import type { AnyModel } from "../model/types.ts";
import type {
  FindStatement,
  GetOrCreateStatement,
  InsertStatement,
  Outcome,
  Rows,
  UpsertStatement,
} from "../query/ast.ts";
import {
  type Executor,
  runner,
  type TransactionOptions,
} from "../query/executor.ts";
import { insertLayering, insertWriter } from "./bulk/insert.ts";
import { upsertLayering, upsertWriter } from "./bulk/upsert.ts";
import { type BulkWriter, pour } from "./bulk/writer.ts";
import { type Compiler, createCompiler } from "./compile/compiler.ts";
import { rowDecoder } from "./decode.ts";
import { createKysely, type UntypedKysely } from "./kysely.ts";
import type { SqlDriver, SqlLink, SqlTransaction } from "./link.ts";
import { selectOf } from "./select.ts";
import { type SharedTransaction, shareTransaction } from "./turns.ts";
import { sqlTarget } from "./migrate/target.ts";
import { createSchema } from "./schema/create.ts";
import { dropSchema } from "./schema/drop.ts";
import { streamRows } from "./stream.ts";
import { pause } from "../pause.ts";

/** How often `getOrCreate` looks again for a row that others make and remove. */
const CREATE_TRIES = 5;
/** How often a bulk insert is written again that deadlocked with another. */
const BULK_RETRIES = 3;
/** Milliseconds before a transaction is run again, doubled each time. */
const RETRY_PAUSE = 20;

/** A backend that speaks SQL. */
export interface SqlBackend extends Backend {
  /** Kysely on this connection. */
  readonly kysely: UntypedKysely;
}

/** What every executor of a backend shares. */
interface Shared {
  readonly driver: SqlDriver;
  readonly compile: Compiler;
  readonly schema: string | undefined;
  /** Models whose bulk inserts have been meeting rows that are there. */
  readonly colliding: Set<AnyModel>;
}

/** A backend on a driver. */
export function createBackend(
  driver: SqlDriver,
  { models, allowed = () => {} }: Pick<OpenOptions, "models" | "allowed">,
  { schema }: { readonly schema: string | undefined },
): SqlBackend {
  const shared: Shared = {
    driver,
    compile: createCompiler(schema),
    schema,
    colliding: new Set(),
  };
  return {
    kysely: createKysely(driver, schema, { allowed }),
    run: runnerOn(shared, driver, {
      collected: !driver.concurrent,
      inside: false,
      within: (fn, retries = 0) => inTransaction(shared, { retries }, fn),
    }),
    stream: (statement, batchSize) =>
      streamRows(shared, undefined, statement, batchSize),
    transaction: (fn, options = {}) =>
      inTransaction(
        shared,
        options,
        async (tx) => await fn(executorOn(shared, await tx())),
      ),
    native: (model) => selectOf(driver, schema, model, allowed),
    createDb: ({ verify }) =>
      createSchema(driver, models, schema, verify, async (tx, model) => {
        await executorOn(shared, shareTransaction(tx)).run({
          kind: "insert",
          model,
          rows: model.seed,
          onConflict: "ignore",
        });
      }),
    dropDb: () => dropSchema(driver, models, schema),
    migrations: () => sqlTarget(driver, models, schema),
    close: () => driver.close(),
  };
}

/** How a bulk write finds its transaction. */
interface BulkPlace {
  /** Whether the rows are all read before it begins, because their source could not use the database meanwhile. */
  readonly collected: boolean;
  /** Whether the transaction is the caller's, who alone can run it again. */
  readonly inside: boolean;
  /** Runs `fn` in the transaction that the write belongs in; it is begun when it is first asked for. */
  within<T>(
    fn: (tx: () => Promise<SharedTransaction>) => Promise<T>,
    retries?: number,
  ): Promise<T>;
}

function executorOn(shared: Shared, tx: SharedTransaction): Executor {
  return {
    run: runnerOn(shared, tx, {
      collected: false,
      inside: true,
      within: (fn) => fn(() => Promise.resolve(tx)),
    }),
    stream: (statement, batchSize) =>
      streamRows(shared, tx, statement, batchSize),
    transaction: (fn) => inSavepoint(shared, tx, fn),
    native: (model) => selectOf(tx, shared.schema, model, () => {}),
  };
}

function runnerOn(
  shared: Shared,
  link: SqlLink,
  place: BulkPlace,
): Executor["run"] {
  const { compile } = shared;
  const scalar = async (
    statement: Parameters<Compiler>[0],
  ): Promise<string | null> => {
    let value: string | null = null;
    await link.query(compile(statement), ([first]) => value = first ?? null);
    return value;
  };
  const changed = async (
    statement: Parameters<Compiler>[0],
  ): Promise<number> => {
    const { count } = await link.query(compile(statement));
    return count;
  };
  return runner({
    find: (statement) => find(compile, link, statement),
    count: async (statement) => Number(await scalar(statement)),
    exists: async (statement) => await scalar(statement) === "t",
    update: changed,
    updateEach: changed,
    delete: changed,
    getOrCreate: (statement) => getOrCreate(compile, link, statement),
    insert: (statement) => insert(shared, place, statement),
    upsert: (statement) => upsert(shared, place, statement),
  });
}

async function find(
  compile: Compiler,
  link: SqlLink,
  statement: FindStatement,
): Promise<object[]> {
  const rows: object[] = [];
  const decode = rowDecoder(statement.model, statement.fields);
  await link.query(compile(statement), (row) => rows.push(decode(row)));
  return rows;
}

/** One round trip. None of the two parts gives a row when another transaction makes it meanwhile: then the row is there the next time, or its key is another's. */
async function getOrCreate(
  compile: Compiler,
  link: SqlLink,
  statement: GetOrCreateStatement,
): Promise<{ row: object; created: boolean }> {
  const { model } = statement;
  const decode = rowDecoder(model, model.fields);
  const command = compile(statement);
  for (let tries = 0; tries < CREATE_TRIES; tries++) {
    let found: { row: object; created: boolean } | undefined;
    await link.query(command, (row) => {
      found = { row: decode(row), created: row[model.fields.length] === "t" };
    });
    if (found !== undefined) return found;
  }
  throw new DuplicateKeyError(
    `Cannot create ${model.name}: a key is taken by a row that differs in the rest of the filter or in another unique key`,
    { table: model.table, fields: model.primaryKey.map(String) },
  );
}

function insert(
  { schema, colliding }: Shared,
  { within, collected, inside }: BulkPlace,
  statement: InsertStatement,
): Promise<Outcome<InsertStatement>> {
  const { model, rows } = statement;
  const collides = {
    get: () => colliding.has(model),
    set: (value: boolean) =>
      void (value ? colliding.add(model) : colliding.delete(model)),
    again: !inside && isReadAgain(rows),
  };
  return within(
    (tx) =>
      pour(
        rows,
        insertLayering(statement),
        () =>
          inTurns(tx, (tx) => insertWriter(tx, statement, schema, collides)),
        collected,
      ),
    // Written again, the rows are staged and merged in key order, which never deadlocks.
    collides.again ? BULK_RETRIES : 0,
  );
}

/** Whether rows can be read a second time. */
function isReadAgain(rows: Rows<object>): boolean {
  if (!(Symbol.iterator in rows)) return false;
  const iterator: unknown = rows[Symbol.iterator]();
  return iterator !== rows;
}

function upsert(
  { schema }: Shared,
  { within, collected }: BulkPlace,
  statement: UpsertStatement,
): Promise<Outcome<UpsertStatement>> {
  return within((tx) =>
    pour(
      statement.rows,
      upsertLayering(statement),
      () => inTurns(tx, (tx) => upsertWriter(tx, statement, schema)),
      collected,
    )
  );
}

/** A writer each of whose batches has one turn on the transaction. */
async function inTurns<T>(
  open: () => Promise<SharedTransaction>,
  writerOn: (tx: SqlTransaction) => BulkWriter<T>,
): Promise<BulkWriter<T>> {
  const { together } = await open();
  let writer: BulkWriter<T> | undefined;
  return {
    write: (layers) =>
      together((tx) => (writer ??= writerOn(tx)).write(layers)),
    finish: () => together((tx) => (writer ??= writerOn(tx)).finish()),
  };
}

/** Runs `fn` in a transaction of its own, again where another was in the way and the options allow it. */
async function inTransaction<T>(
  { driver }: Shared,
  { retries = 0, ...options }: TransactionOptions,
  fn: (tx: () => Promise<SharedTransaction>) => Promise<T>,
): Promise<T> {
  for (let attempt = 0;; attempt++) {
    let tx: SqlTransaction | undefined;
    let shared: SharedTransaction | undefined;
    try {
      const result = await fn(async () => {
        tx ??= await driver.begin(options);
        return shared ??= shareTransaction(tx);
      });
      await shared?.together(({ commit }) => commit());
      return result;
    } catch (error) {
      await tx?.rollback();
      if (!(error instanceof SerializationError) || attempt >= retries) {
        throw error;
      }
    }
    await pause(RETRY_PAUSE * 2 ** attempt * (1 + Math.random()));
  }
}

let savepoints = 0;

/** Runs `fn` behind a savepoint; the rest of the transaction waits, so that nothing of it is undone with it. */
function inSavepoint<T>(
  shared: Shared,
  outer: SharedTransaction,
  fn: (executor: Executor) => Promise<T>,
): Promise<T> {
  return outer.together(async (tx) => {
    const name = `dbp_${++savepoints}`;
    const inner = shareTransaction(tx);
    const send = (text: string) => inner.query({ text, values: [] });
    await send(`savepoint ${name}`);
    try {
      const result = await fn(executorOn(shared, inner));
      await send(`release savepoint ${name}`);
      return result;
    } catch (error) {
      await send(`rollback to savepoint ${name}`).catch(() => {});
      throw error;
    }
  });
}
