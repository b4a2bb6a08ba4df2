import {
  LimitError,
  setMessage,
  ValidationError,
} from "../../base/errors/mod.ts";

/** Returns the error of a call that takes one row, whose message needs no index. */
export function ofOneRow(error: unknown): unknown {
  if (error instanceof LimitError) {
    setMessage(error, error.message.replace(": row 0: ", ": "));
    return error;
  }
  if (!(error instanceof ValidationError) || error.partly !== undefined) {
    return error;
  }
  const { model, rows, cause } = error;
  return new ValidationError(model, rows, {
    isOneRow: true,
    ...cause === undefined ? {} : { cause },
  });
}
