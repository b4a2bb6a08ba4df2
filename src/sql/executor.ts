import type { FindStatement } from "../query/statement/statement.ts";
import { type Executor, runner } from "../query/statement/executor.ts";
import type { Compiler } from "./compile/compiler.ts";
import { getOrCreate } from "./write/get_or_create.ts";
import { insertRow } from "./write/insert_row.ts";
import { linkOfModel } from "./write/model_errors.ts";
import { modelRows } from "./codec/model_rows.ts";
import type { SqlDriver, SqlLink } from "./link/link.ts";
import { createSelect } from "./read/kysely_select.ts";
import { streamRows } from "./read/stream.ts";
import { runInSavepoint } from "./driver/transaction.ts";
import type { SharedTransaction } from "./link/shared_transaction.ts";
import {
  type BulkContext,
  type BulkShared,
  insert,
  upsert,
} from "./write/bulk.ts";

/** State that all executors of a connection share. */
export interface Shared extends BulkShared {
  readonly driver: SqlDriver;
  readonly compile: Compiler;
}

/** Creates the executor of a transaction. */
export function createExecutor(
  shared: Shared,
  tx: SharedTransaction,
): Executor {
  return {
    run: createRunner(shared, tx, {
      isCollected: false,
      isInside: true,
      within: (fn) => fn(() => Promise.resolve(tx)),
    }),
    stream: (statement, batchSize) =>
      streamRows(shared, tx, statement, batchSize),
    transaction: (fn) =>
      runInSavepoint(tx, (inner) => fn(createExecutor(shared, inner))),
    native: (model, call) => createSelect(tx, shared.schema, model, call),
  };
}

/** Creates the function that executes a statement, on a connection or in a transaction. */
export function createRunner(
  shared: Shared,
  link: SqlLink,
  bulk: BulkContext,
): Executor["run"] {
  const { compile } = shared;
  const firstValue = async (
    statement: Parameters<Compiler>[0],
  ): Promise<string | null> => {
    let value: string | null = null;
    await link.query(compile(statement), ([first]) => value = first ?? null);
    return value;
  };
  const changedRows = async (
    statement: Parameters<Compiler>[0],
  ): Promise<number> => {
    const to = linkOfModel(link, statement.model);
    const { count } = await to.query(compile(statement));
    return count;
  };
  return runner({
    find: (statement) => find(compile, link, statement),
    count: async (statement) => Number(await firstValue(statement)),
    exists: async (statement) => await firstValue(statement) === "t",
    update: changedRows,
    updateEach: changedRows,
    delete: changedRows,
    getOrCreate: (statement) =>
      getOrCreate(compile, linkOfModel(link, statement.model), statement),
    insertRow: (statement) =>
      insertRow(compile, linkOfModel(link, statement.model), statement),
    insert: (statement) => insert(shared, bulk, statement),
    upsert: (statement) => upsert(shared, bulk, statement),
  });
}

async function find(
  compile: Compiler,
  link: SqlLink,
  statement: FindStatement,
): Promise<object[]> {
  const rows: object[] = [];
  await link.query(
    compile(statement),
    modelRows(statement.model, statement.fields, (row) => rows.push(row)),
  );
  return rows;
}
