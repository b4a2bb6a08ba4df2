import { messageOf, ValidationError } from "../../base/errors/mod.ts";

/** Returns the error for a packet that cannot be read as a whole. */
export function packetError(reason: string, cause?: unknown): ValidationError {
  const problem = { index: 0, field: "packet", value: undefined, reason };
  return new ValidationError("alert", [problem], {
    ...cause === undefined ? {} : { cause },
    outcome: "",
  });
}

/** Returns the error for a file that cannot be read. */
export function readError(path: string, cause: unknown): ValidationError {
  const message = messageOf(cause);
  return packetError(`cannot be read (${path}): ${message}`, cause);
}
