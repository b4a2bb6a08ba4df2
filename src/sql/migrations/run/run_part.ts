import {
  beforeWrites,
  LockError,
  MigrationError,
  outcomeOf,
  withOutcome,
} from "../../../base/errors/mod.ts";
import { stoppedError } from "../../../migrations/history/stopped.ts";
import { serverErrorOf, sqlStateOf } from "../../link/server_error.ts";
import { SQLSTATE } from "../../link/sqlstate.ts";
import { backoff, retry } from "../../../base/retry.ts";
import { withoutStatementLiterals } from "../file/without_statement_literals.ts";
import type { SqlLink } from "../../link/link.ts";
import { type Watch, watchBlocked } from "./lock_waits.ts";
import { cancelledOnAbort } from "./cancel_statement.ts";
import { stepFailure } from "../../schema/failure_advice.ts";
import { missingRightText } from "../../schema/denied_objects.ts";
import type { StepContext, StepPosition } from "./step_context.ts";

/** SQLSTATEs of conflicts with other sessions, each with its meaning. */
const CONFLICTS: Readonly<Record<string, string>> = {
  [SQLSTATE.lockNotAvailable]: "lock timeout",
  [SQLSTATE.deadlockDetected]: "deadlock with another transaction",
  [SQLSTATE.serializationFailure]: "another transaction changed the same rows",
};
/** Attempts of a step. */
const ATTEMPTS = 30;
/** Milliseconds before the second attempt; each further pause is twice as long, so that other sessions can proceed. */
const FIRST_PAUSE = 200;
/** The longest pause between two attempts, in milliseconds. */
const LONGEST_PAUSE = 5_000;

/** Sends statements, and remembers the last one for errors. */
export interface Sender {
  /** Sends a statement. Returns the number of changed rows. */
  send(statement: string): Promise<number>;
  readonly link: SqlLink;
}

/**
 * Runs a part of a step on the session that holds the lock, and retries it
 * after a conflict with another session.
 *
 * @param part may run several times
 * @throws {MigrationError} with the server's error as `cause`
 * @throws {LockError} if the lock or the session is lost
 */
export async function runPart<T>(
  context: StepContext,
  position: StepPosition,
  part: (sender: Sender) => Promise<T>,
): Promise<T> {
  const { signal, onEvent } = context.options;
  const { id, index } = position;
  let last = "";
  let watch: Watch | undefined;
  const send = async (link: SqlLink, statement: string): Promise<number> => {
    last = statement;
    if (signal?.aborted) throw stoppedError(signal);
    const { count } = await cancelledOnAbort(
      context,
      () => link.query({ text: statement, values: [] }),
    );
    return count;
  };
  return await retry(async () => {
    last = "";
    watch = watchBlocked(context, position);
    try {
      return await context.onSession(async (link) => {
        await beforeWrites(context.lock.check(link));
        return await part({ link, send: (statement) => send(link, statement) });
      });
    } finally {
      watch.stop();
    }
  }, {
    attempts: ATTEMPTS,
    async isRetryable(error, attempt) {
      if (error instanceof LockError) return false;
      if (signal?.aborted) {
        throw withOutcome(stoppedError(signal), outcomeOf(error));
      }
      if (error instanceof MigrationError) return false;
      if (conflictOf(error) !== undefined && attempt < ATTEMPTS) return true;
      const failure = stepFailure(error, last, {
        by: watch?.by(),
        attempt,
        others: position.step.statements,
        right: await context.onSession((link) =>
          missingRightText(link, error, context.schema)
        ),
      });
      throw withOutcome(failure, outcomeOf(error));
    },
    onRetry(error, attempt) {
      const by = watch?.by();
      const reason = `${conflictOf(error)}${
        by === undefined ? "" : `, blocked by ${by}`
      } (${
        withoutStatementLiterals(
          serverErrorOf(error)?.message ?? "",
          last,
          ...position.step.statements,
        )
      })`;
      onEvent({ kind: "retry", id, step: index + 1, attempt, reason });
    },
    wait: backoff(FIRST_PAUSE, LONGEST_PAUSE),
    signal,
  });
}

function conflictOf(error: unknown): string | undefined {
  return CONFLICTS[sqlStateOf(error) ?? ""];
}
