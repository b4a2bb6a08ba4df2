import {
  appendSentence,
  DbPluginsError,
  ValidationError,
} from "../base/errors/mod.ts";
import type { Batch, Place } from "./batch.ts";
import { positionText } from "./input/file_problem.ts";
import type { FieldProblem } from "./rows/loaded_row.ts";

/** A row that ends a load. */
interface BadRow extends Place {
  readonly problems: readonly FieldProblem[];
  readonly row: object;
}

/** Returns the error of a row that ends a load. */
export function badRowError(
  model: string,
  file: string,
  { line, index, problems, row }: BadRow,
  cause?: unknown,
): ValidationError {
  return new ValidationError(
    model,
    problems.map(({ field, reason }, at) => ({
      index,
      field,
      value: Reflect.get(row, field),
      reason: at < problems.length - 1
        ? reason
        : `${reason} (${positionText(file, line)})`,
    })),
    { outcome: "", ...cause === undefined ? {} : { cause } },
  );
}

/**
 * Returns the error of the database about a batch, with the lines of its rows.
 *
 * @param duplicate the index of the row whose key exists, if it is known
 */
export function batchError(
  error: unknown,
  model: string,
  file: string,
  { rows, place }: Pick<Batch, "rows" | "place">,
  duplicate?: number,
): unknown {
  if (error instanceof ValidationError) {
    const { index = 0 } = error.rows[0] ?? {};
    return badRowError(model, file, {
      ...place(index) ?? { line: 0, index },
      problems: error.rows.filter((problem) => problem.index === index),
      row: rows.at(index) ?? {},
    }, error);
  }
  if (error instanceof DbPluginsError && !Object.isFrozen(error)) {
    const found = duplicate === undefined ? undefined : place(duplicate);
    appendSentence(
      error,
      found === undefined
        ? `The rows are from ${file}, lines ${place(0)?.line} to ${
          place(rows.length - 1)?.line
        }`
        : `The row is from ${positionText(file, found.line)}`,
    );
  }
  return error;
}

/** Adds to an error how many rows the load has stored. */
export function withStored(error: unknown, stored: number): unknown {
  if (!(error instanceof DbPluginsError) || Object.isFrozen(error)) {
    return error;
  }
  error.outcome ??= "not applied";
  if (stored > 0) error.outcome = "unknown";
  if (error.partly !== undefined) return error;
  appendSentence(
    error,
    stored === 0
      ? "No row was written"
      : `${stored} rows of this load were written before and stay`,
  );
  return error;
}
