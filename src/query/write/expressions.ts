import {
  type Amount,
  type Expression,
  expressionOf,
} from "../../model/expression.ts";

/**
 * Adds a number to the stored value. Null stays null. If the sum is outside the
 * range of the column, the call throws a `CheckError` and changes no row.
 *
 * @param by a whole number for fields of integers, and a finite number for fields of floats
 * @example
 * ```ts
 * import { connect, greatest, ifNull, increment, least } from "@alerce/db-plugins";
 * import { AstroObject } from "@alerce/db-plugins/models";
 * import assert from "node:assert/strict";
 *
 * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
 * await db.createDb();
 * const objects = db.query(AstroObject);
 * await objects.insert({ oid: "ZTF18a", ndet: 2, firstmjd: 58500, lastmjd: 58500 });
 * await objects.updateAll({
 *   filterBy: { oid: "ZTF18a" },
 *   set: {
 *     ndet: increment(1),
 *     firstmjd: least(58400.5),
 *     lastmjd: greatest(58400.5),
 *     stellar: ifNull(false),
 *   },
 * });
 * const object = await objects.findOne({ filterBy: { oid: "ZTF18a" } });
 * assert.deepEqual(
 *   [object?.ndet, object?.firstmjd, object?.lastmjd, object?.stellar],
 *   [3, 58400.5, 58500, false],
 * );
 * ```
 */
export function increment(by: number | bigint): Expression<Amount> {
  return expressionOf("increment", by);
}

/**
 * Sets the greater of the stored value and this one; null counts as the least
 * value. Fields of JSON and arrays have no order.
 *
 * @param value a value of the field, not null
 */
export function greatest<T>(value: T): Expression<T> {
  return expressionOf("greatest", value);
}

/**
 * Sets the lesser of the stored value and this one; null counts as the greatest
 * value. Fields of JSON and arrays have no order.
 *
 * @param value a value of the field, not null
 */
export function least<T>(value: T): Expression<T> {
  return expressionOf("least", value);
}

/**
 * Sets this value if the stored one is null, and else keeps the stored one.
 *
 * @param value a value of the field, not null
 */
export function ifNull<T>(value: T): Expression<T> {
  return expressionOf("ifNull", value);
}

/** The changes of an update: a value, or an {@link Expression} of the field's values. Fields of `Key` take no expressions. */
export type SetOf<Insert, Key extends PropertyKey = never> =
  & { [F in keyof Insert]?: Insert[F] | ExpressionOf<NonNullable<Insert[F]>> }
  & { [F in keyof Insert & Key]?: Insert[F] };

/**
 * The expressions of values of one type.
 * @internal
 */
type ExpressionOf<T> =
  | Expression<T>
  | ([T] extends [number | bigint] ? Expression<Amount> : never);
