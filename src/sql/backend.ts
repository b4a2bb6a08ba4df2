import type { RunCall } from "../base/call_scope.ts";
import type { Backend, OpenOptions } from "../engine/engine.ts";
import { createCompiler } from "./compile/compiler.ts";
import { createExecutor, createRunner, type Shared } from "./executor.ts";
import { nativeReaderOf } from "./codec/column_reader.ts";
import { createKysely, type UntypedKysely } from "./read/kysely.ts";
import { rerunConflicts, STATEMENT_RETRIES } from "./rerun_conflicts.ts";
import type { SqlDriver } from "./link/link.ts";
import { sqlTarget } from "./migrations/target.ts";
import type { LiveCollations } from "./schema/read_collations.ts";
import { createTableFacts } from "./schema/table_facts.ts";
import { createSelect } from "./read/kysely_select.ts";
import { keyIdentities } from "./read/key_identities.ts";
import { streamRows } from "./read/stream.ts";
import { runInTransaction } from "./driver/transaction.ts";
import { shareTransaction } from "./link/shared_transaction.ts";

/** The backend of an SQL engine. */
export interface SqlBackend extends Backend {
  /** Kysely on this connection. */
  readonly kysely: UntypedKysely;
}

/** Creates a backend. */
export function createBackend(
  driver: SqlDriver,
  { models, call = runDirectly }: Pick<OpenOptions, "models" | "call">,
  { schema }: { readonly schema: string | undefined },
  collations: LiveCollations,
): SqlBackend {
  const shared: Shared = {
    driver,
    compile: createCompiler(schema, collations),
    schema,
    collations,
    colliding: new Set(),
    tables: createTableFacts(schema),
  };
  let kysely: UntypedKysely | undefined;
  return {
    get kysely() {
      return kysely ??= createKysely(driver, schema, {
        call,
        reader: nativeReaderOf(models),
      });
    },
    run: rerunConflicts(
      createRunner(shared, driver, {
        isCollected: !driver.concurrent,
        isInside: false,
        attempt: (work) => work(driver),
        within: (fn, retries = 0) => runInTransaction(driver, { retries }, fn),
      }),
      (statement) =>
        runInTransaction(
          driver,
          { retries: STATEMENT_RETRIES },
          async (tx) => await createExecutor(shared, await tx()).run(statement),
        ),
    ),
    keyIdentities: (model, fields, keys) =>
      keyIdentities(shared.tables, driver, model, fields, keys),
    mayDiscard: async (model, write) =>
      (await shared.tables.of(driver, model)).skips[write],
    stream: (statement, batchSize) =>
      streamRows(shared, undefined, statement, batchSize),
    transaction: (fn, options = {}) =>
      runInTransaction(
        driver,
        options,
        async (tx) => await fn(createExecutor(shared, await tx())),
      ),
    native: (model, call) => createSelect(driver, schema, model, call),
    async createDb({ verify }) {
      const [{ createSchema }, { unorderedColumns }] = await Promise.all([
        import("./schema/create.ts"),
        import("./schema/unordered_columns.ts"),
      ]);
      const report = await createSchema(
        driver,
        models,
        { schema, verify, collations },
        async (tx, model, rows) => {
          await createExecutor(shared, shareTransaction(tx)).run({
            kind: "insert",
            model,
            rows,
            onConflict: "ignore",
          });
        },
      );
      if (report.created.length > 0) await collations.refresh();
      const notes = await unorderedColumns(driver, models, schema, collations);
      return notes.length === 0 ? report : { ...report, notes };
    },
    async dropDb() {
      const { dropSchema } = await import("./schema/drop.ts");
      return await dropSchema(driver, models, schema);
    },
    migrations: () => sqlTarget(driver, models, schema, collations),
    close: () => driver.close(),
  };
}

const runDirectly: RunCall = (work) => work();
