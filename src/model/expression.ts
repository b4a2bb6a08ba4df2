/** How the database combines the stored value of a field with that of an {@link Expression}. */
export type Operation = "increment" | "greatest" | "least" | "ifNull";

/**
 * A value that the database computes from the stored one while it updates the
 * row, so that concurrent updates lose nothing. `increment`, `greatest`, `least`,
 * and `ifNull` create it; `updateAll`, `bulkUpdate`, and `update` take it in place
 * of a value.
 */
export interface Expression<out T> {
  /** The value that is combined with the stored one. */
  readonly $expression: T;
  /** Never set, so that no other object has this type. */
  readonly $brand: never;
}

/** The amount of an increment, which fields of every type of number take. */
export interface Amount {
  /** Never set; it carries the type. */
  readonly $amount: number | bigint;
}

/** What an expression does, and with which value. */
interface Operand {
  readonly operation: Operation;
  readonly value: unknown;
}

/** Only what {@link expressionOf} created is an expression: input such as parsed JSON cannot contain one. */
const operands = new WeakMap<object, Operand>();

const PROTOTYPE: object = Object.freeze({
  toString(this: unknown): string {
    return expressionText(this) ?? "an expression";
  },
  toJSON(this: unknown): never {
    throw new TypeError(`it is ${String(this)}, which only updates take`);
  },
});

/** Creates an expression. */
export function expressionOf<T>(
  operation: Operation,
  value: unknown,
): Expression<T> {
  const expression: Expression<T> = Object.freeze(
    Object.assign(Object.create(PROTOTYPE), { $expression: value }),
  );
  operands.set(expression, { operation, value });
  return expression;
}

/** Returns what an expression does; undefined for any other value. */
export function operandOf(value: unknown): Operand | undefined {
  return typeof value === "object" && value !== null
    ? operands.get(value)
    : undefined;
}

/** Returns the text of an expression, `increment(1)`; undefined for any other value. */
export function expressionText(value: unknown): string | undefined {
  const operand = operandOf(value);
  if (operand === undefined) return undefined;
  const { operation, value: given } = operand;
  return `${operation}(${typeof given === "object" ? "…" : String(given)})`;
}
