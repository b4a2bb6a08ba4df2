import type { RunCall } from "../../base/call_scope.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type {
  FindStatement,
  Outcome,
  Statement,
  Statements,
  UpdateEachReturningStatement,
  UpdateEachStatement,
} from "./statement.ts";
import type { TransactionModes } from "./transaction_options.ts";

/** Executes statements on a connection or in a transaction. */
export interface Executor {
  /** Executes one statement. If the engine can, it is atomic. */
  run<S extends Statement>(statement: S): Promise<Outcome<S>>;
  /** Reads rows in batches, in constant memory. The rows of a batch can be read once, before the next batch. Leaving the loop early frees the resources. */
  stream(
    statement: FindStatement,
    batchSize: number,
  ): AsyncIterable<Iterable<object>>;
  /** Runs `fn` in a transaction; inside a transaction, in a savepoint. */
  transaction<T>(
    fn: (executor: Executor) => Promise<T>,
    options?: TransactionModes,
  ): Promise<T>;
  /**
   * Returns this executor with statements that end when the signal is aborted:
   * the server stops their work, and they are rejected, also in transactions and
   * streams of the returned executor. Without it, or if it returns undefined, a
   * call that reaches a limit is rejected at once, and its statements continue.
   */
  limited?(signal: AbortSignal): Executor | undefined;
  /**
   * Returns an executor for one call that only reads, and may miss the last
   * writes: it uses a replica. Without it, or if it returns undefined, such calls
   * use this executor.
   */
  reader?(): Executor | undefined;
  /**
   * Returns for each key of a model a value that is equal for two keys exactly
   * if the database takes them as equal, and undefined for a key with null.
   * Returns undefined if JavaScript compares these fields as the database does.
   */
  keyIdentities?(
    model: AnyModel,
    fields: readonly Field[],
    keys: () => readonly (readonly unknown[])[],
  ): Promise<readonly unknown[] | undefined>;
  /**
   * Whether the database may find a row and leave it as it is, because a trigger,
   * a rule or a policy of the table discards the write. If not defined, it never does.
   *
   * @param isAgain whether to ask the database again, which may have changed since it was asked first
   */
  mayDiscard?(
    model: AnyModel,
    write: "update" | "delete",
    isAgain?: boolean,
  ): Promise<boolean>;
  /**
   * Updates rows atomically without a transaction, and returns their number. It
   * returns undefined, and has written nothing, if that needs a transaction, or
   * if a change finds no row and {@link UpdateEachStatement.needsAll} is true. If
   * not defined, each update needs a transaction.
   *
   * @param onRow receives the rows that the statement returns
   */
  updateAlone?(
    statement: UpdateEachStatement | UpdateEachReturningStatement,
    onRow?: (row: object) => void,
  ): Promise<number | undefined>;
  /**
   * Returns a query on a model in the engine's own language, if it has one.
   *
   * @param call runs each execution of that query
   */
  native?(model: AnyModel, call: RunCall): unknown;
}

/** One function for each kind of statement; an engine without all of them does not compile. */
export type StatementHandlers = {
  readonly [K in keyof Statements]: (
    statement: Statements[K]["statement"],
  ) => Promise<Statements[K]["outcome"]>;
};

/** Creates {@link Executor.run} from one function for each kind of statement. */
export function runner(handlers: StatementHandlers): Executor["run"] {
  return <S extends Statement>(statement: S): Promise<Outcome<S>> => {
    // TypeScript cannot relate the kind of a union member to its handler; StatementHandlers does.
    const handle = handlers[statement.kind] as (
      statement: S,
    ) => Promise<Outcome<S>>;
    return handle(statement);
  };
}
