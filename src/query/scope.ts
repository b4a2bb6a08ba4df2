import type { RunCall } from "../base/call_scope.ts";
import type { UnitOfWork } from "./session/session.ts";
import type { CallObserver } from "./statement/call_observer.ts";
import type { Executor } from "./statement/executor.ts";
import type { Models } from "./statement/models.ts";

/** The connection or transaction of a query. */
export interface Scope {
  /** Executes the statements. */
  readonly executor: Executor;
  /** Runs a call of a method that waits for the database. It fails if the connection or the transaction ends first. */
  readonly call: RunCall;
  /** Runs a call that writes: its error has an outcome. */
  readonly write: RunCall;
  /** Runs a call that writes, and also waits for rows of the program. */
  readonly writeRows: RunCall;
  /** Returns the session of `update` and `delete`. */
  readonly session: () => UnitOfWork;
  /** Sees the calls. */
  readonly observer?: CallObserver | undefined;
  /** The models of the connection, for relations. */
  readonly models: Models;
}
