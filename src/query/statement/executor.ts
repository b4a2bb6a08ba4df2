import type { AnyModel } from "../../model/types.ts";
import type {
  FindStatement,
  Outcome,
  Statement,
  Statements,
} from "./statement.ts";
import type { TransactionOptions } from "./transaction_options.ts";

/** What queries need of an engine: a connection, or a transaction on it. */
export interface Executor {
  /** Carries out one statement; the writes of one statement happen together or not at all where the engine can. */
  run<S extends Statement>(statement: S): Promise<Outcome<S>>;
  /** Rows in batches, in constant memory. Ending the loop early frees what it holds. */
  stream(
    statement: FindStatement,
    batchSize: number,
  ): AsyncIterable<readonly object[]>;
  /** Everything `fn` does on its executor happens or nothing does; a savepoint inside a transaction. */
  transaction<T>(
    fn: (executor: Executor) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>;
  /** The engine's own query language for a model, where it has one. */
  native?(model: AnyModel): unknown;
}

/** One function for each kind of statement: an engine that lacks one does not compile. */
export type StatementHandlers = {
  readonly [K in keyof Statements]: (
    statement: Statements[K]["statement"],
  ) => Promise<Statements[K]["outcome"]>;
};

/** {@link Executor.run} out of one function a kind. */
export function runner(handlers: StatementHandlers): Executor["run"] {
  return <S extends Statement>(statement: S): Promise<Outcome<S>> => {
    // TypeScript cannot relate the kind of a union's member to its handler; the table's own type does.
    const handle = handlers[statement.kind] as (
      statement: S,
    ) => Promise<Outcome<S>>;
    return handle(statement);
  };
}
