import { QueryError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";

/** The types of PostgreSQL, with modifiers and arrays of them, that it does not order as text. */
const OTHER_ORDER =
  /^\s*(?:(?:numeric|decimal|smallint|integer|int|int[248]|bigint|real|double precision|float|float[48]|money|date|time|timetz|timestamp|timestamptz|interval|bit|varbit|inet|cidr|macaddr8?|bytea|jsonb?|xml|oid|pg_lsn|\w*range)\b|bit varying)/i;

/**
 * Refuses to compare or order a field that holds the text of another type of
 * PostgreSQL, such as `numeric`: MongoDB would order "10" before "9". It refuses
 * bytes too, except those of the primary key, which pages require.
 *
 * @param action `filter`, `order` or `upsert`
 * @throws {QueryError} with the field
 */
export function refuseTextOrder(
  { name, primaryKey }: AnyModel,
  field: Field,
  action: string,
): void {
  const { type, sqlType } = field;
  const { kind } = type.kind === "array" ? type.item : type;
  if (kind === "bytes" && !primaryKey.some((key) => key === field.name)) {
    throw new QueryError(
      `Cannot ${action} ${name}: MongoDB orders the bytes of ${field.name} by their length first, otherwise than PostgreSQL. Only eq, ne, in, notIn, and isNull are possible`,
      { model: name, field: field.name },
    );
  }
  if (kind !== "string" || sqlType === undefined) return;
  if (!OTHER_ORDER.test(sqlType)) return;
  throw new QueryError(
    `Cannot ${action} ${name}: MongoDB stores ${field.name} as text, which it orders otherwise than PostgreSQL orders ${sqlType}. Only eq, ne, in, notIn, and isNull are possible`,
    { model: name, field: field.name },
  );
}
