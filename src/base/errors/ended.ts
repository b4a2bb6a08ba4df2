import { TransactionError } from "./caller_errors.ts";
import { ConnectionError } from "./database_errors.ts";
import { DbPluginsError, type ErrorFields } from "./error.ts";
import { outcomeOf, withOutcome } from "./outcome.ts";

/** The errors about a connection that this program closed. */
const closedErrors = new WeakSet<object>();

function closedError(
  message: string,
  fields: ErrorFields = {},
): ConnectionError {
  const error = new ConnectionError(message, fields);
  closedErrors.add(error);
  return error;
}

/** The error of a call that began after its connection was closed. */
export function connectionClosed(): ConnectionError {
  return withOutcome(
    closedError(
      "Cannot use a connection after it was closed; is an await missing?",
    ),
    "not applied",
  );
}

const CLOSED_DURING_CALL =
  "The connection was closed while this call was running; is an await missing?";

/**
 * The error of a call whose connection was closed before the call ended.
 *
 * @param failure the error of the call itself, if it failed
 */
export function closedDuringCall(failure?: unknown): ConnectionError {
  if (isClosedByProgram(failure)) return failure;
  const text = CLOSED_DURING_CALL;
  const fields = failure === undefined ? {} : { cause: failure };
  if (failure instanceof DbPluginsError && failure.partly !== undefined) {
    const error = closedError(`${text} ${failure.message}`, fields);
    error.partly = failure.partly;
    return error;
  }
  const outcome = failure instanceof DbPluginsError
    ? outcomeOf(failure)
    : "unknown";
  return outcome === "unknown"
    ? withOutcome(
      closedError(
        `${text} If the call writes, check the data before you repeat it: the write may be complete or absent`,
        fields,
      ),
      outcome,
      true,
    )
    : withOutcome(closedError(text, fields), outcome);
}

/** The error of a call that had sent nothing when its connection was closed. */
export function closedBeforeCall(): ConnectionError {
  return withOutcome(closedError(CLOSED_DURING_CALL), "not applied");
}

/** Whether a call failed because this program closed its connection. */
export function isClosedByProgram(error: unknown): error is ConnectionError {
  return error instanceof ConnectionError && closedErrors.has(error);
}

/** The error of a call that began after its transaction ended, or did not end before it. */
export function transactionEnded(): TransactionError {
  return new TransactionError(
    "Cannot continue this transaction: it has already ended. Await every call inside the transaction function",
  );
}

/** The error of a transaction whose function returned before its calls ended. */
export function callsUnfinished(): TransactionError {
  return new TransactionError(
    "Cannot commit this transaction: its function returned while a call in it was still running, so the transaction is rolled back. Await every call inside the transaction function",
  );
}
