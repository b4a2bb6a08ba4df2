import type { Backend, OpenOptions } from "../engine/engine.ts";
import { createCompiler } from "./compile/compiler.ts";
import { executorOn, runnerOn, type Shared } from "./executor.ts";
import { createKysely, type UntypedKysely } from "./read/kysely.ts";
import type { SqlDriver } from "./link/link.ts";
import { sqlTarget } from "./migrations/target.ts";
import { createSchema } from "./schema/create.ts";
import { dropSchema } from "./schema/drop.ts";
import { selectOf } from "./read/kysely_select.ts";
import { streamRows } from "./read/stream.ts";
import { inTransaction } from "./driver/transaction.ts";
import { shareTransaction } from "./link/shared_transaction.ts";

/** A backend that speaks SQL. */
export interface SqlBackend extends Backend {
  /** Kysely on this connection. */
  readonly kysely: UntypedKysely;
}

/** A backend on a driver. */
export function createBackend(
  driver: SqlDriver,
  { models, assertUsable = () => {} }: Pick<
    OpenOptions,
    "models" | "assertUsable"
  >,
  { schema }: { readonly schema: string | undefined },
): SqlBackend {
  const shared: Shared = {
    driver,
    compile: createCompiler(schema),
    schema,
    colliding: new Set(),
  };
  return {
    kysely: createKysely(driver, schema, { assertUsable }),
    run: runnerOn(shared, driver, {
      collected: !driver.concurrent,
      inside: false,
      within: (fn, retries = 0) => inTransaction(driver, { retries }, fn),
    }),
    stream: (statement, batchSize) =>
      streamRows(shared, undefined, statement, batchSize),
    transaction: (fn, options = {}) =>
      inTransaction(
        driver,
        options,
        async (tx) => await fn(executorOn(shared, await tx())),
      ),
    native: (model) => selectOf(driver, schema, model, assertUsable),
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
