import type { Field } from "../../model/field.ts";
import { columnType, isTextType } from "./column_type.ts";

/** How the columns of a database compare text. */
export interface Collations {
  /** Whether columns of text without a collation of their own order it by code point. */
  readonly isByCodePoint: boolean;
  /** Whether a comparison by order must name the collation "C" to order a field by code point. */
  needsC(field: Field): boolean;
  /** @throws {QueryError} if the server refuses `like` on a field */
  assertLike(field: Field): void;
}

/** The collations of a database whose columns order all text by code point. */
export const ORDERED_BY_CODE_POINT: Collations = {
  isByCodePoint: true,
  needsC: () => false,
  assertLike: () => {},
};

/** Whether a model names the collation of a field, which then orders its text. */
export function namesCollation(
  { collation, sqlType = "" }: Pick<Field, "collation" | "sqlType">,
): boolean {
  return collation !== undefined || /\scollate\s/i.test(sqlType);
}

/** Returns the collation that orders a field; undefined if it is the default one of the database, or the field is no text. */
export function orderCollation(
  field: Field,
  { isByCodePoint, needsC }: Collations,
): string | undefined {
  const { collation } = field;
  if (collation !== undefined) {
    return collation === "default" ? undefined : collation;
  }
  const isText = !isByCodePoint && isTextType(columnType(field));
  return isText || needsC(field) ? "C" : undefined;
}
