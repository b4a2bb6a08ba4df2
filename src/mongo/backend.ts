import type { Db } from "mongodb";
import type { Backend, OpenOptions } from "../engine/engine.ts";
import type { AnyModel } from "../model/types.ts";
import type { Executor } from "../query/statement/executor.ts";
import type { Statement } from "../query/statement/statement.ts";
import { outlasting } from "../query/statement/outlast.ts";
import { assertTransactionOptions } from "../query/statement/transaction_options.ts";
import { collectionModels } from "./codec/document_model.ts";
import { executorOn, inTransaction, limitedContext } from "./executor.ts";
import type { MongoDriver } from "./link/link.ts";
import { mongoTarget } from "./migrations/target.ts";
import { createSchema, dropSchema } from "./schema/create.ts";
import { createKnownCollections } from "./schema/known_collections.ts";
import { createBypassCheck } from "./write/base/validation_bypass.ts";
import type { WriteContext } from "./write/base/write_context.ts";
import { deferCommit } from "./write/deferred_commit.ts";
import { mayFailHalfway } from "./write/update.ts";

/** Retries of a transaction that this package begins itself. */
const OWN_RETRIES = 8;

/** A backend on MongoDB. */
export interface MongoBackend extends Backend {
  /** Whether the server supports transactions: a replica set or a sharded cluster. */
  readonly transactions: boolean;
  /** The driver's database. 64-bit integers are bigints. */
  readonly db: Db;
}

/** Creates a backend on a driver. */
export function createBackend(
  driver: MongoDriver,
  { models }: Pick<OpenOptions, "models">,
): MongoBackend {
  const collections = createKnownCollections(driver);
  const { reader } = driver;
  const outside: WriteContext = {
    link: driver,
    collections,
    mayBypassValidator: createBypassCheck(driver),
    scope: undefined,
    exclusively: (work) => work(),
    insertsMeetingRows: new Set(),
    upsertsMostlyUpdating: new Set(),
    undoLog: undefined,
  };
  /** Creates an executor outside of transactions, whose commands end when the signal is aborted. */
  const limitedBy = (signal?: AbortSignal): Executor => {
    const direct = executorOn(outside, {}, signal);
    return {
      ...direct,
      async run(given) {
        if (!driver.transactions || !mustBeAtomic(given)) {
          return await direct.run(given);
        }
        const statement = await withReadRows(given);
        return await inTransaction(
          driver,
          outside,
          isRepeatable(statement) ? outlasting({ retries: OWN_RETRIES }) : {},
          (context) => executorOn(context).run(statement),
          signal,
        );
      },
      async transaction(fn, options = {}) {
        assertTransactionOptions(options);
        return driver.transactions
          ? await inTransaction(
            driver,
            outside,
            options,
            (context) => fn(executorOn(context, options)),
            signal,
          )
          : await deferCommit(limitedContext(outside, signal), direct, fn);
      },
      limited: limitedBy,
      ...reader === undefined ? {} : {
        reader: () => executorOn({ ...outside, link: reader }, {}, signal),
      },
    };
  };
  const executor = limitedBy();
  const seed = async (model: AnyModel): Promise<void> => {
    await executor.run({
      kind: "insert",
      model,
      rows: model.seed,
      onConflict: "ignore",
    });
  };
  return {
    ...executor,
    description: { system: "mongodb", namespace: driver.db.databaseName },
    transactions: driver.transactions,
    db: driver.native,
    createDb: ({ verify, models: requested = models }) =>
      driver.mapErrors(() =>
        createSchema(driver.db, collectionModels(requested), verify, seed)
      ),
    dropDb: () => {
      collections.clear();
      return driver.mapErrors(() => dropSchema(driver.db, models));
    },
    migrations: () => mongoTarget(driver, collectionModels(models)),
    close: () => driver.close(),
  };
}

/** Whether a statement must change all rows or none, which requires a transaction. */
function mustBeAtomic(statement: Statement): boolean {
  switch (statement.kind) {
    case "insert":
      return statement.onConflict === "error";
    case "upsert":
      return !statement.isUnique || statement.returning !== undefined;
    case "updateReturning":
    case "updateEachReturning":
    case "deleteReturning":
      return true;
    default:
      return statement.kind === "update" && mayFailHalfway(statement);
  }
}

/** Returns an upsert with all of its rows, which are read before its transaction begins: it is repeated after a conflict, and has a limited time. */
async function withReadRows<S extends Statement>(statement: S): Promise<S> {
  return statement.kind === "upsert" && !Array.isArray(statement.rows)
    ? { ...statement, rows: await Array.fromAsync(statement.rows) }
    : statement;
}

/** Whether a statement can run twice: a source of rows may be readable only once. */
function isRepeatable(statement: Statement): boolean {
  return statement.kind !== "insert" || Array.isArray(statement.rows);
}
