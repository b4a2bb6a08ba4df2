import { onDemand } from "../base/on_demand.ts";
import type { RunCall } from "../base/call_scope.ts";
import type { Backend, OpenOptions } from "../engine/engine.ts";
import type { Executor } from "../query/statement/executor.ts";
import { createCompiler } from "./compile/compiler.ts";
import { createRunner, type Shared } from "./runner.ts";
import { createExecutor } from "./executor.ts";
import { nativeReaderOf } from "./codec/column_reader.ts";
import { createKysely, type UntypedKysely } from "./read/kysely.ts";
import { isDenied } from "./link/server_error.ts";
import { rerunConflicts, STATEMENT_RETRIES } from "./rerun_conflicts.ts";
import { limitedDriver } from "./link/limited_link.ts";
import type { SqlDriver } from "./link/link.ts";
import { textWithoutValues } from "./migrations/file/text_without_values.ts";
import { sqlTarget } from "./migrations/target.ts";
import type { LiveCollations } from "./schema/read_collations.ts";
import type { Replicas } from "./replicas.ts";
import { createTableFacts } from "./schema/table_facts.ts";
import { createSelect } from "./read/kysely_select.ts";
import { keyIdentities } from "./read/key_identities.ts";
import { streamRows } from "./read/stream.ts";
import { runInTransaction } from "./driver/transaction.ts";
import { shareTransaction } from "./link/shared_transaction.ts";
import { loadModule } from "../base/load_module.ts";

const withUpdateAlone = onDemand(() => import("./write/update_alone.ts"));

/** The backend of an SQL engine. */
export interface SqlBackend extends Backend {
  /** Kysely on this connection. */
  readonly kysely: UntypedKysely;
}

/**
 * Creates a backend.
 *
 * @param replicas the servers for reads outside of transactions
 */
export function createBackend(
  driver: SqlDriver,
  { models, call = runDirectly }: Pick<OpenOptions, "models" | "call">,
  { schema, database = "" }: {
    readonly schema: string | undefined;
    readonly database?: string;
  },
  collations: LiveCollations,
  replicas?: Replicas,
): SqlBackend {
  const tables = createTableFacts(schema);
  const shared: Shared = {
    driver,
    compile: createCompiler(schema, collations, tables.positions.of),
    schema,
    collations,
    colliding: new Set(),
    tables,
  };
  /** Names the missing right when the failed transaction has ended. */
  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!isDenied(error)) throw error;
      const { withDeniedObject } = await loadModule(() =>
        import("./schema/denied_objects.ts")
      );
      throw await withDeniedObject(driver, error, schema);
    }
  };
  const explaining: SqlDriver = {
    ...driver,
    query: (command, rows) => explained(() => driver.query(command, rows)),
  };
  /** Creates an executor outside of transactions, on the driver or on one with limits. */
  const executorOn = (given: Shared): Executor => {
    const direct = directly(given);
    if (replicas === undefined) return direct;
    return { ...direct, reader: () => replicas.reader(direct) };
  };
  const directly = (given: Shared): Executor => ({
    run: createRunner(
      given,
      given.driver,
      {
        isCollected: !driver.concurrent,
        isInside: false,
        attempt: (work) => work(given.driver),
        within: (fn, retries = 0) =>
          runInTransaction(given.driver, { retries }, fn),
      },
      rerunConflicts((statement) =>
        runInTransaction(
          given.driver,
          { retries: STATEMENT_RETRIES },
          async (tx) => await createExecutor(given, await tx()).run(statement),
        )
      ),
    ),
    keyIdentities: (model, fields, keys) =>
      keyIdentities(shared.tables, given.driver, model, fields, keys),
    mayDiscard: async (model, write, isAgain = false) => {
      const { tables } = shared;
      return isAgain
        ? (await tables.skipsNow(driver, model))[write]
        : (await tables.of(driver, model)).skips[write];
    },
    async *stream(statement, batchSize) {
      try {
        yield* streamRows(given, undefined, statement, batchSize, driver);
      } catch (error) {
        if (!isDenied(error)) throw error;
        const { explainDenied } = await loadModule(() =>
          import("./schema/explain_denied.ts")
        );
        throw await explainDenied(shared, driver, error, statement);
      }
    },
    updateAlone: (statement, onRow) =>
      withUpdateAlone(({ updateAlone }) =>
        updateAlone(shared, given.driver, statement, onRow)
      ),
    transaction: (fn, options = {}) =>
      explained(() =>
        runInTransaction(
          given.driver,
          options,
          async (tx) => await fn(createExecutor(given, await tx())),
        )
      ),
    limited: (signal) =>
      executorOn({ ...shared, driver: limitedDriver(given.driver, signal) }),
  });
  let kysely: UntypedKysely | undefined;
  let textOf: ((text: string) => string) | undefined;
  const names = [database, schema].filter((name) => name !== undefined);
  return {
    description: {
      system: "postgresql",
      namespace: names.join("|"),
      textOf: (text) => (textOf ??= textWithoutValues())(text),
    },
    ...executorOn(shared),
    get kysely() {
      return kysely ??= createKysely(explaining, schema, {
        call,
        reader: nativeReaderOf(models),
      });
    },
    native: (model, call) => createSelect(explaining, schema, model, call),
    async createDb({ verify, models: requested = models }) {
      const [{ createSchema }, { unorderedColumns }] = await Promise.all([
        loadModule(() => import("./schema/create.ts")),
        loadModule(() => import("./schema/unordered_columns.ts")),
      ]);
      const report = await explained(() =>
        createSchema(
          driver,
          requested,
          { schema, verify, collations },
          async (tx, model, rows) => {
            await createExecutor(shared, shareTransaction(tx)).run({
              kind: "insert",
              model,
              rows,
              onConflict: "ignore",
            });
          },
        )
      );
      if (report.created.length > 0) {
        tables.positions.forget();
        await collations.refresh();
      }
      const { notes: positions = [], ...rest } = report;
      const notes = [
        ...positions,
        ...await unorderedColumns(driver, requested, schema, collations),
      ];
      return notes.length === 0 ? rest : { ...rest, notes };
    },
    async dropDb() {
      const { dropSchema } = await loadModule(() => import("./schema/drop.ts"));
      return await explained(() => dropSchema(driver, models, schema));
    },
    migrations: () => {
      const target = sqlTarget(
        driver,
        models,
        schema,
        collations,
        tables.positions.forget,
      );
      return {
        ...target,
        plan: (options) => explained(() => target.plan(options)),
        prove: (up, down, options) =>
          explained(() => target.prove(up, down, options)),
        undo: (files) => explained(() => target.undo(files)),
        fingerprint: () => explained(() => target.fingerprint()),
        differences: (managed, adopting) =>
          explained(() => target.differences(managed, adopting)),
      };
    },
    async close() {
      await Promise.all([driver.close(), replicas?.close()]);
    },
  };
}

const runDirectly: RunCall = (work) => work();
