import { QueryError } from "../base/errors/mod.ts";
import type {
  AggregateStatement,
  CountStatement,
  DeleteReturningStatement,
  ExistsStatement,
  FindStatement,
  Groups,
  UpdateEachReturningStatement,
  UpdateEachStatement,
  UpdateReturningStatement,
  UpdateStatement,
} from "../query/statement/statement.ts";
import { groupModel, groupValues } from "../query/statement/group_model.ts";
import type { Condition } from "../query/statement/condition.ts";
import { withIncrements } from "../query/write/out_of_range.ts";
import { type Executor, runner } from "../query/statement/executor.ts";
import type { AnyModel } from "../model/types.ts";
import type { Compiler } from "./compile/compiler.ts";
import { compileRead } from "./read/compile_read.ts";
import { find } from "./read/find.ts";
import { findNear } from "./read/find_near.ts";
import { preparePositions, statementFacts } from "./read/statement_facts.ts";
import { onDemand } from "../base/on_demand.ts";
import type { WriteContext } from "./write/get_or_create.ts";
import { createFailureHandler } from "./after_failure.ts";
import { isOutOfRange } from "./link/server_error.ts";
import { linkOfModel } from "./write/model_errors.ts";
import type { Rerun } from "./rerun_conflicts.ts";
import { modelRows } from "./codec/model_rows.ts";
import type { SqlDriver, SqlLink } from "./link/link.ts";
import type { TableFacts } from "./schema/table_facts.ts";
import type { BulkContext, BulkShared } from "./write/bulk.ts";

const withBulk = onDemand(() => import("./write/bulk.ts"));
const withGetOrCreate = onDemand(() => import("./write/get_or_create.ts"));
const withInsertRow = onDemand(() => import("./write/insert_row.ts"));

/** State that all executors of a connection share. */
export interface Shared extends BulkShared {
  readonly driver: SqlDriver;
  readonly compile: Compiler;
}

/**
 * Creates the function that executes a statement, on a connection or in a transaction.
 *
 * @param rerun runs a statement that failed once, and again if it conflicted with another transaction
 */
export function createRunner(
  shared: Shared,
  link: SqlLink,
  bulk: BulkContext,
  rerun: Rerun = (_, attempt) => attempt(),
): Executor["run"] {
  const { compile, tables } = shared;
  const { elapsed = noTime } = shared.driver;
  /** Without a wait if the facts are known, so that calls keep their order. */
  const withFacts = <T>(
    statement: { readonly model: AnyModel; readonly where?: Condition },
    work: (facts: TableFacts) => Promise<T>,
  ): Promise<T> => {
    const reading = preparePositions(tables, link, statement);
    if (reading !== undefined) {
      return reading.then(() => withFacts(statement, work));
    }
    const facts = statementFacts(tables, link, statement);
    return facts instanceof Promise ? facts.then(work) : work(facts);
  };
  const contextOf = (model: AnyModel, facts: TableFacts): WriteContext => {
    const of = (to: SqlLink) => linkOfModel(to, model);
    return {
      compile,
      link: of(link),
      facts,
      attempt: (work) => bulk.attempt((inner) => work(of(inner))),
    };
  };
  const firstValue = async (
    statement: CountStatement | ExistsStatement,
  ): Promise<string | null> => {
    let value: string | null = null;
    const command = compileRead(shared, link, statement);
    await link.query(
      command instanceof Promise ? await command : command,
      ([first]) => value = first ?? null,
    );
    return value;
  };
  const changedRows = (statement: Parameters<Compiler>[0]): Promise<number> =>
    withFacts(statement, async (facts) => {
      const to = linkOfModel(link, statement.model);
      const { count } = await to.query(compile(statement, facts));
      return count;
    });
  const updatedRows = (
    statement: UpdateStatement | UpdateEachStatement,
  ): Promise<number> =>
    withIncrements(statement, isOutOfRange, () => changedRows(statement));
  /** Atomic: a returned row that cannot be read undoes the write. */
  const writtenRows = (
    statement:
      | UpdateReturningStatement
      | UpdateEachReturningStatement
      | DeleteReturningStatement,
  ): Promise<object[]> =>
    withFacts(statement, (facts) => {
      const { model, returning } = statement;
      const write = async (to: SqlLink): Promise<object[]> => {
        const rows: object[] = [];
        await linkOfModel(to, model).query(
          compile(statement, facts),
          modelRows(model, returning, (row) => rows.push(row)),
        );
        return rows;
      };
      return bulk.isInside
        ? bulk.attempt(write)
        : bulk.within(async (tx) => await write(await tx()));
    });
  const run = runner({
    find: (statement) =>
      statement.lock === undefined || bulk.isInside
        ? find(shared, link, statement)
        : Promise.reject(lockOutsideTransaction(statement)),
    findEach: (statement) => find(shared, link, statement),
    findNear: (statement) => findNear(shared, link, statement),
    count: async (statement) => Number(await firstValue(statement)),
    exists: async (statement) => await firstValue(statement) === "t",
    aggregate: (statement) => aggregate(shared, link, statement),
    update: updatedRows,
    updateEach: updatedRows,
    delete: changedRows,
    updateReturning: (statement) =>
      withIncrements(statement, isOutOfRange, () => writtenRows(statement)),
    updateEachReturning: (statement) =>
      withIncrements(statement, isOutOfRange, () => writtenRows(statement)),
    deleteReturning: writtenRows,
    getOrCreate: (statement) =>
      withGetOrCreate(({ getOrCreate }) =>
        withFacts(
          statement,
          (facts) => getOrCreate(contextOf(statement.model, facts), statement),
        )
      ),
    insertRow: (statement) =>
      withInsertRow(({ insertRow }) =>
        withFacts(
          statement,
          (facts) => insertRow(contextOf(statement.model, facts), statement),
        )
      ),
    insert: (statement) =>
      withBulk(({ insert }) => insert(shared, link, bulk, statement)),
    upsert: (statement) =>
      withBulk(({ upsert }) => upsert(shared, link, bulk, statement)),
  });

  const known = { schema: shared.schema, tables, elapsed };
  const afterFailure = createFailureHandler(known, link, bulk.isInside, run);

  // A statement that succeeds pays for nothing but this function.
  return async (statement) => {
    const begun = elapsed();
    try {
      return await run(statement);
    } catch (error) {
      return await rerun(
        statement,
        () => afterFailure(statement, error, begun),
      );
    }
  };
}

const noTime = (): number => 0;

function lockOutsideTransaction(
  { model: { name } }: FindStatement,
): QueryError {
  return new QueryError(
    `Cannot lock rows of ${name} outside a transaction, which would release them at once: call findAll on tx in db.transaction(async (tx) => …)`,
    { model: name, field: "lock" },
  );
}

async function aggregate(
  shared: Shared,
  link: SqlLink,
  statement: AggregateStatement,
): Promise<Groups> {
  const model = groupModel(statement);
  const groups: (readonly unknown[])[] = [];
  const command = compileRead(shared, link, statement);
  await link.query(
    command instanceof Promise ? await command : command,
    modelRows(
      model,
      model.fields,
      (row) => groups.push(groupValues(statement, row)),
    ),
  );
  return groups;
}
