import { DatabaseError, SchemaError } from "../base/errors/mod.ts";
import { loadModule } from "../base/load_module.ts";
import { hasPositions, relatedModels } from "../query/statement/condition.ts";
import type { Executor } from "../query/statement/executor.ts";
import { READS } from "../query/statement/reads.ts";
import type { Outcome, Statement } from "../query/statement/statement.ts";
import { isLost } from "./driver/connection_error.ts";
import type { SqlLink } from "./link/link.ts";
import { isDenied, isMissingObject } from "./link/server_error.ts";
import type { FactsOfTables } from "./schema/table_facts.ts";

/** A beginning that was too long ago. */
const NEVER = -Infinity;
/** Milliseconds in which a read whose connection is lost is sent again, once. Later, the server does not answer at all, or ended a long read on purpose. */
const REPEAT_TIME = 5_000;

/** What the executors of a connection know. */
interface Known {
  readonly schema: string | undefined;
  readonly tables: FactsOfTables;
  /** Returns milliseconds since any time before. */
  readonly elapsed: () => number;
}

/**
 * Handles the error of a statement: runs it again, or throws the error with its
 * explanation.
 *
 * @param begun the time of the first attempt, or -Infinity if the statement was repeated
 */
type AfterFailure = <S extends Statement>(
  statement: S,
  error: unknown,
  begun: number,
) => Promise<Outcome<S>>;

/**
 * Creates what handles the statements that failed, on a connection or in a
 * transaction.
 *
 * @param isInside whether it is a transaction
 * @param run executes a statement
 */
export function createFailureHandler(
  { schema, tables, elapsed }: Known,
  link: SqlLink,
  isInside: boolean,
  run: Executor["run"],
): AfterFailure {
  /** The rights are read outside of a transaction only: a failed one accepts no statement. */
  async function explained(
    error: unknown,
    statement: Statement,
  ): Promise<unknown> {
    if (!(error instanceof DatabaseError || error instanceof SchemaError)) {
      return error;
    }
    const { model } = statement;
    const before = tables.known(model);
    tables.forget(model);
    if ("where" in statement && statement.where !== undefined) {
      relatedModels(statement.where).forEach(tables.forget);
    }
    if (!isDenied(error)) return error;
    if (!isInside) {
      const { explainDenied } = await loadModule(() =>
        import("./schema/explain_denied.ts")
      );
      return await explainDenied({ tables, schema }, link, error, statement);
    }
    if (before === undefined) return error;
    const { withMissingRights } = await loadModule(() =>
      import("./schema/missing_rights.ts")
    );
    return withMissingRights(error, statement, before);
  }

  /** Whether a statement failed because the extension of a position index is gone. Such a statement has done nothing. */
  function forgetsIndexes(error: unknown, statement: Statement): boolean {
    if (
      !("where" in statement) || statement.where === undefined ||
      !isMissingObject(error) ||
      (statement.kind !== "findNear" && !hasPositions(statement.where))
    ) return false;
    const { model, where } = statement;
    const wasUsed = [model, ...relatedModels(where)]
      .some((model) => tables.positions.of(model) !== undefined);
    tables.positions.forget();
    return wasUsed;
  }

  /** Whether a statement whose connection is lost can be sent again. */
  function isRepeatable({ kind }: Statement, begun: number): boolean {
    return !isInside && READS.has(kind) &&
      elapsed() - begun < REPEAT_TIME;
  }

  async function attempt<S extends Statement>(
    statement: S,
    begun: number,
  ): Promise<Outcome<S>> {
    try {
      return await run(statement);
    } catch (error) {
      return await afterFailure(statement, error, begun);
    }
  }

  async function afterFailure<S extends Statement>(
    statement: S,
    error: unknown,
    begun: number,
  ): Promise<Outcome<S>> {
    if (isLost(error) && isRepeatable(statement, begun)) {
      return await attempt(statement, NEVER);
    }
    if (forgetsIndexes(error, statement) && !isInside) {
      return await attempt(statement, begun);
    }
    throw await explained(error, statement);
  }

  return afterFailure;
}
