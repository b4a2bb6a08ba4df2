import { LimitError } from "./errors/mod.ts";

/** The most values of a filter or of one JSON value. An object that occurs several times counts each time, because a database receives it each time. */
const MAX_VALUES = 5_000_000;
/** The most UTF-16 units of text in a filter or in one JSON value, with its keys. */
const MAX_TEXT = 64 << 20;
/** The most filters and operators in one filter. */
const MAX_CONDITIONS = 100_000;

/** How much an input may still contain. */
export interface Budget {
  values: number;
  text: number;
  conditions: number;
}

/** An input contains more than its budget. Its message does not yet name the input: see {@link namedExcess}. */
export class ExcessError extends LimitError {}

/** Returns the budget of one filter, or of one JSON value. */
export function newBudget(): Budget {
  return { values: MAX_VALUES, text: MAX_TEXT, conditions: MAX_CONDITIONS };
}

/**
 * Counts one value.
 *
 * @param text its UTF-16 units, or bytes
 * @throws {LimitError} if the input contains too many values or too much text
 */
export function spend(budget: Budget, text = 0): void {
  budget.values--;
  budget.text -= text;
  if (budget.values < 0) throw excess("values", MAX_VALUES, "values");
  if (budget.text < 0) throw excess("text", MAX_TEXT, "characters of text");
}

/**
 * Checks the length of a list before anything reads its items.
 *
 * @throws {LimitError} if the input contains too many values
 */
export function assertRoom({ values }: Budget, length: number): void {
  if (length > values) throw excess("values", MAX_VALUES, "values");
}

/**
 * Counts one filter or operator.
 *
 * @throws {LimitError} if there are too many
 */
export function spendCondition(budget: Budget): void {
  budget.conditions--;
  if (budget.conditions < 0) {
    throw excess("conditions", MAX_CONDITIONS, "conditions");
  }
}

/**
 * Returns the error with the name of its input.
 *
 * @param input the beginning of the message, as in `Cannot filter star: the filter`
 * @param advice the end of the message
 */
export function namedExcess(
  { message, limit, allowed }: ExcessError,
  input: string,
  advice: string,
): LimitError {
  return new LimitError(`${input} ${message}. ${advice}`, { limit, allowed });
}

function excess(limit: string, allowed: number, unit: string): ExcessError {
  return new ExcessError(
    `contains more than ${allowed} ${unit}; an object that occurs several times counts each time`,
    { limit, allowed },
  );
}
