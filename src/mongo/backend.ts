import type { Db } from "mongodb";
import type { Backend, OpenOptions } from "../engine/engine.ts";
import type { AnyModel } from "../model/types.ts";
import type { Statement } from "../query/statement/statement.ts";
import type { Executor } from "../query/statement/executor.ts";
import { assertTransactionOptions } from "../query/statement/transaction_options.ts";
import { bypassing } from "./write/base/validation_bypass.ts";
import { deferred } from "./write/deferred_commit.ts";
import { executorOn, inTransaction } from "./executor.ts";
import { documentModel } from "./codec/document_model.ts";
import type { MongoDriver } from "./link/link.ts";
import { mongoTarget } from "./migrations/target.ts";
import type { Place } from "./write/base/write_context.ts";
import { createPresent } from "./write/base/collection_exists.ts";
import { createSchema, dropSchema } from "./schema/create.ts";
import { touchesKeys } from "./write/update_delete.ts";

/** How often one is run again whose function is this package's own. */
const OWN_RETRIES = 8;

/** A backend that speaks to MongoDB. */
export interface MongoBackend extends Backend {
  /** Whether the server has transactions: a replica set or a cluster. */
  readonly transactions: boolean;
  /** The database, as the driver has it; 64-bit integers are bigints. */
  readonly db: Db;
}

/** A backend on a driver. */
export function createBackend(
  driver: MongoDriver,
  { models }: Pick<OpenOptions, "models">,
): MongoBackend {
  const present = createPresent(driver);
  const outside: Place = {
    link: driver,
    present,
    mayBypass: bypassing(driver),
    scope: undefined,
    together: (work) => work(),
    colliding: new Set(),
    overwriting: new Set(),
    undo: undefined,
  };
  const direct = executorOn(outside);
  const run: Executor["run"] = (statement) =>
    driver.transactions && isWhole(statement)
      ? inTransaction(
        driver,
        outside,
        { retries: canRepeat(statement) ? OWN_RETRIES : 0 },
        (place) => executorOn(place).run(statement),
      )
      : direct.run(statement);
  const seed = async (model: AnyModel): Promise<void> => {
    await run({
      kind: "insert",
      model,
      rows: model.seed,
      onConflict: "ignore",
    });
  };
  return {
    run,
    transactions: driver.transactions,
    db: driver.db,
    stream: (statement, batchSize) => direct.stream(statement, batchSize),
    async transaction(fn, options = {}) {
      assertTransactionOptions(options);
      return driver.transactions
        ? await inTransaction(
          driver,
          outside,
          options,
          (place) => fn(executorOn(place, options)),
        )
        : await deferred(outside, direct, fn);
    },
    createDb: ({ verify }) =>
      driver.mapped(() =>
        createSchema(driver.db, models.map(documentModel), verify, seed)
      ),
    dropDb: () => {
      present.forget();
      return driver.mapped(() => dropSchema(driver.db, models));
    },
    migrations: () => mongoTarget(driver, models.map(documentModel)),
    close: () => driver.close(),
  };
}

/** Whether a statement happens as a whole or not at all, which takes a transaction. */
function isWhole(statement: Statement): boolean {
  return statement.kind === "insert"
    ? statement.onConflict === "error"
    : statement.kind === "update" && touchesKeys(statement);
}

/** Whether it can be carried out twice: a source of rows may be read once. */
function canRepeat(statement: Statement): boolean {
  return statement.kind !== "insert" || Array.isArray(statement.rows);
}
