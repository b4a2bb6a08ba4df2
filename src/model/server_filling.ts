import type { Field } from "./field.ts";
import { spelledType } from "./sql_type.ts";
import type { AnyModel } from "./types.ts";
import { isInteger } from "./value_problem.ts";

/** The part of a field that says how the server fills it. */
type ServerFilling = Pick<
  Field,
  "filled" | "sqlType" | "sqlDefault" | "sqlFill"
>;

/** Returns how the server fills a field, from the options of its `meta`; `sqlType` may spell it too. */
export function serverFilling(
  { sqlType, sqlDefault, sqlFill }: Pick<
    ServerFilling,
    "sqlType" | "sqlDefault" | "sqlFill"
  >,
): ServerFilling {
  const spelled = sqlType === undefined ? undefined : spelledType(sqlType);
  const given = sqlFill === undefined ? undefined : spelledType(sqlFill);
  return {
    filled: given?.filled ?? spelled?.filled ??
      (sqlDefault === undefined ? undefined : "default"),
    sqlType: spelled?.type,
    sqlDefault: sqlDefault ?? spelled?.sqlDefault,
    sqlFill: given?.sqlFill ?? spelled?.sqlFill,
  };
}

/** Whether the values of a column come from a sequence of its own. */
export function isNumbered({ filled }: Pick<Field, "filled">): boolean {
  return filled === "serial" || filled === "identity" ||
    filled === "identity always";
}

/** Returns the fields that an insert may write: all but generated ones. */
export function writtenFields({ fields }: AnyModel): readonly Field[] {
  return fields.some(({ filled }) => filled === "generated")
    ? fields.filter(({ filled }) => filled !== "generated")
    : fields;
}

/** Whether an update can never write the field. */
export function isNeverUpdated({ filled }: Pick<Field, "filled">): boolean {
  return filled === "generated" || filled === "identity always";
}

/** Whether the server fills the field if a new row omits it: `.default()` and `onUpdate` have precedence. */
export function isLeftToServer(
  field: Pick<Field, "filled" | "default" | "onUpdate">,
): boolean {
  return field.filled !== undefined && field.default === undefined &&
    field.onUpdate === undefined;
}

/** Returns why a field cannot be filled as it says, or undefined if it can. */
export function fillingProblem(field: Field): string | undefined {
  const { type, filled, sqlType, sqlDefault, sqlFill } = field;
  if (sqlFill !== undefined && sqlDefault !== undefined) {
    return `a column is filled in one way, but it has the default ${sqlDefault} and is ${sqlFill}`;
  }
  if (
    isNumbered(field) && sqlType === undefined && !isInteger(type)
  ) {
    return `the values of ${sqlFill} are whole numbers; use int16(), z.int32(), or z.int64()`;
  }
  if (filled === "generated" && field.default !== undefined) {
    return "the server computes its values; remove .default()";
  }
  return isNeverUpdated(field) && field.onUpdate !== undefined
    ? "an update cannot write it; remove onUpdate"
    : undefined;
}
