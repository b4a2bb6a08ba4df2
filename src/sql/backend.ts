import type { Backend, OpenOptions } from "../engine.ts";
import { DuplicateKeyError, SerializationError } from "../errors.ts";
import type { AnyModel } from "../model/types.ts";
import type {
  FindStatement,
  GetOrCreateStatement,
  InsertStatement,
  Outcome,
  UpsertStatement,
} from "../query/ast.ts";
import {
  type Executor,
  runner,
  type TransactionOptions,
} from "../query/executor.ts";
import { insertLayering, insertWriter } from "./bulk/insert.ts";
import { upsertLayering, upsertWriter } from "./bulk/upsert.ts";
import { pour } from "./bulk/writer.ts";
import { type Compiler, createCompiler } from "./compile/compiler.ts";
import { rowDecoder } from "./decode.ts";
import { createKysely, selectOf, type UntypedKysely } from "./kysely.ts";
import type { SqlDriver, SqlLink, SqlTransaction } from "./link.ts";
import { createSchema, dropSchema } from "./schema/create.ts";
import { streamRows } from "./stream.ts";

/** How often `getOrCreate` looks again for a row that others make and remove. */
const CREATE_TRIES = 5;
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
  { models }: Pick<OpenOptions, "models">,
  { schema }: { readonly schema: string | undefined },
): SqlBackend {
  const shared: Shared = {
    driver,
    compile: createCompiler(schema),
    schema,
    colliding: new Set(),
  };
  const kysely = createKysely(driver, schema);
  return {
    kysely,
    run: runnerOn(shared, driver, (fn) => inTransaction(shared, {}, fn)),
    stream: (statement, batchSize) =>
      streamRows(shared, undefined, statement, batchSize),
    transaction: (fn, options = {}) =>
      inTransaction(
        shared,
        options,
        async (tx) => await fn(executorOn(shared, await tx())),
      ),
    native: (model) => selectOf(kysely, model),
    createDb: ({ verify }) =>
      createSchema(driver, models, schema, verify, async (tx, model) => {
        await executorOn(shared, tx).run({
          kind: "insert",
          model,
          rows: model.seed,
          onConflict: "ignore",
        });
      }),
    dropDb: () => dropSchema(driver, models, schema),
    close: () => driver.close(),
  };
}

/** Gives the transaction that a statement's work belongs in; it is begun when it is first asked for. */
type WithTransaction = <T>(
  fn: (tx: () => Promise<SqlTransaction>) => Promise<T>,
) => Promise<T>;

function executorOn(shared: Shared, tx: SqlTransaction): Executor {
  return {
    run: runnerOn(shared, tx, (fn) => fn(() => Promise.resolve(tx))),
    stream: (statement, batchSize) =>
      streamRows(shared, tx, statement, batchSize),
    transaction: (fn) => inSavepoint(shared, tx, fn),
    native: (model) => selectOf(createKysely(tx, shared.schema), model),
  };
}

function runnerOn(
  shared: Shared,
  link: SqlLink,
  withTransaction: WithTransaction,
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
    insert: (statement) => insert(shared, withTransaction, statement),
    upsert: (statement) => upsert(shared, withTransaction, statement),
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
  { driver, schema, colliding }: Shared,
  withTransaction: WithTransaction,
  statement: InsertStatement,
): Promise<Outcome<InsertStatement>> {
  const { model, rows } = statement;
  const collides = {
    get: () => colliding.has(model),
    set: (value: boolean) =>
      void (value ? colliding.add(model) : colliding.delete(model)),
  };
  return withTransaction((tx) =>
    pour(
      rows,
      insertLayering(statement),
      async () => insertWriter(await tx(), statement, schema, collides),
      driver.concurrent,
    )
  );
}

function upsert(
  { driver, schema }: Shared,
  withTransaction: WithTransaction,
  statement: UpsertStatement,
): Promise<Outcome<UpsertStatement>> {
  return withTransaction((tx) =>
    pour(
      statement.rows,
      upsertLayering(statement),
      async () => upsertWriter(await tx(), statement, schema),
      driver.concurrent,
    )
  );
}

/** Runs `fn` in a transaction of its own, again where another was in the way and the options allow it. */
async function inTransaction<T>(
  { driver }: Shared,
  { retries = 0, ...options }: TransactionOptions,
  fn: (tx: () => Promise<SqlTransaction>) => Promise<T>,
): Promise<T> {
  for (let attempt = 0;; attempt++) {
    let tx: SqlTransaction | undefined;
    try {
      const result = await fn(async () => tx ??= await driver.begin(options));
      await tx?.commit();
      return result;
    } catch (error) {
      await tx?.rollback();
      if (!(error instanceof SerializationError) || attempt >= retries) {
        throw error;
      }
    }
    const pause = RETRY_PAUSE * 2 ** attempt * (1 + Math.random());
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

let savepoints = 0;

async function inSavepoint<T>(
  shared: Shared,
  tx: SqlTransaction,
  fn: (executor: Executor) => Promise<T>,
): Promise<T> {
  const name = `dbp_${++savepoints}`;
  const send = (text: string) => tx.query({ text, values: [] });
  await send(`savepoint ${name}`);
  try {
    const result = await fn(executorOn(shared, tx));
    await send(`release savepoint ${name}`);
    return result;
  } catch (error) {
    await send(`rollback to savepoint ${name}`).catch(() => {});
    throw error;
  }
}
