import { ValidationError } from "../../base/errors/mod.ts";

/** A position in a file, for messages: `stars.csv, line 12`. */
export function positionText(file: string, line: number): string {
  return `${file}, line ${line}`;
}

/**
 * Returns the error of a file that cannot be loaded as a whole, or not beyond a position.
 *
 * @param position the file, with the line if it is known
 * @param reason the problem, as the rest of a sentence: `is an HTML page`
 */
export function fileProblem(
  model: string,
  position: string,
  reason: string,
  cause?: unknown,
): ValidationError {
  return new ValidationError(
    model,
    [{ index: 0, field: position, value: undefined, reason }],
    {
      isOneRow: true,
      outcome: "",
      ...cause === undefined ? {} : { cause },
    },
  );
}
