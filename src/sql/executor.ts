import type { FindStatement } from "../query/statement/statement.ts";
import { type Executor, runner } from "../query/statement/executor.ts";
import type { Compiler } from "./compile/compiler.ts";
import { getOrCreate } from "./write/get_or_create.ts";
import { rowDecoder } from "./codec/decode.ts";
import type { SqlDriver, SqlLink } from "./link/link.ts";
import { selectOf } from "./read/kysely_select.ts";
import { streamRows } from "./read/stream.ts";
import { inSavepoint } from "./driver/transaction.ts";
import type { SharedTransaction } from "./link/shared_transaction.ts";
import {
  type BulkPlace,
  type BulkShared,
  insert,
  upsert,
} from "./write/bulk.ts";

/** What every executor of a backend shares. */
export interface Shared extends BulkShared {
  readonly driver: SqlDriver;
  readonly compile: Compiler;
}

/** What carries statements out in a transaction. */
export function executorOn(shared: Shared, tx: SharedTransaction): Executor {
  return {
    run: runnerOn(shared, tx, {
      collected: false,
      inside: true,
      within: (fn) => fn(() => Promise.resolve(tx)),
    }),
    stream: (statement, batchSize) =>
      streamRows(shared, tx, statement, batchSize),
    transaction: (fn) =>
      inSavepoint(tx, (inner) => fn(executorOn(shared, inner))),
    native: (model) => selectOf(tx, shared.schema, model, () => {}),
  };
}

/** What carries one statement out, on a connection or in a transaction. */
export function runnerOn(
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
