import { SerializationError, TransactionError } from "../errors.ts";
import type { Statement } from "../query/ast.ts";
import {
  type Executor,
  runner,
  type TransactionOptions,
} from "../query/executor.ts";
import { insert } from "./bulk/insert.ts";
import { upsert } from "./bulk/upsert.ts";
import { getOrCreate } from "./create.ts";
import { documentStatement } from "./identified.ts";
import type { MongoDriver, MongoTransaction } from "./link.ts";
import { refuseFailed } from "./partly.ts";
import type { Place, Scope } from "./place.ts";
import { count, exists, find, streamRows } from "./read.ts";
import { createTurn } from "./turn.ts";
import { createUndo } from "./undo.ts";
import { remove, update, updateEach } from "./write.ts";

/** Milliseconds before a transaction is run again, doubled each time. */
const RETRY_PAUSE = 20;

/** What carries statements out in a place. */
export function executorOn(
  place: Place,
  options: TransactionOptions = {},
): Executor {
  const { link, present, scope, together } = place;
  const run = runner({
    find: (statement) => find(link, statement),
    count: (statement) => count(link, statement),
    exists: (statement) => exists(link, statement),
    update: (statement) => together(() => update(place, statement)),
    updateEach: (statement) => together(() => updateEach(place, statement)),
    delete: (statement) => together(() => remove(place, statement)),
    getOrCreate: async (statement) => {
      await present.ensure(statement.model);
      return await together(() => getOrCreate(place, statement));
    },
    insert: async (statement) => {
      await present.ensure(statement.model);
      return await insert(place, statement);
    },
    upsert: async (statement) => {
      await present.ensure(statement.model);
      return await upsert(place, statement);
    },
  });
  const live: Executor["run"] = async (statement) => {
    if (scope !== undefined) refuseFailed(scope);
    return await run(documentStatement(statement));
  };
  return {
    run: options.readOnly === true ? reading(live) : live,
    stream: (statement, batchSize) =>
      streamRows(link, documentStatement(statement), batchSize),
    transaction: (fn) => nested(place, options, fn),
  };
}

/** Refuses what writes. */
function reading(run: Executor["run"]): Executor["run"] {
  const reads: ReadonlySet<Statement["kind"]> = new Set([
    "find",
    "count",
    "exists",
  ]);
  return async (statement) => {
    if (reads.has(statement.kind)) return await run(statement);
    throw new TransactionError(
      `Cannot ${statement.kind} in a transaction that may only read`,
    );
  };
}

/** Runs `fn` in a transaction of its own, again where another was in the way and the options allow it. */
export async function inTransaction<T>(
  driver: MongoDriver,
  outside: Place,
  { retries = 0, ...options }: TransactionOptions,
  fn: (place: Place) => Promise<T>,
): Promise<T> {
  for (let attempt = 0;; attempt++) {
    const tx: MongoTransaction = driver.begin(options);
    try {
      const scope: Scope = { failed: undefined };
      const together = createTurn();
      const result = await fn({ ...outside, link: tx, scope, together });
      refuseFailed(scope);
      await tx.commit();
      return result;
    } catch (error) {
      await tx.rollback();
      if (!(error instanceof SerializationError) || attempt >= retries) {
        throw error;
      }
    }
    const pause = RETRY_PAUSE * 2 ** attempt * (1 + Math.random());
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** A part of a transaction that can fail alone: what it wrote is put back. */
async function nested<T>(
  { undo: outer, ...place }: Place,
  options: TransactionOptions,
  fn: (executor: Executor) => Promise<T>,
): Promise<T> {
  const undo = createUndo(place.link, place.mayBypass);
  let result;
  try {
    const scope: Scope = { failed: undefined };
    result = await fn(executorOn({ ...place, scope, undo }, options));
    refuseFailed(scope);
  } catch (error) {
    // Where the server has given the transaction up, nothing of it is kept anyway.
    await undo.restore().catch(() => {});
    throw error;
  }
  if (outer !== undefined) undo.handOver(outer);
  return result;
}
