import type { AnyModel } from "../../model/types.ts";
import type { LiveColumn, LiveConstraint, LiveTable } from "./introspect.ts";
import { enumCheckName } from "./table.ts";

/**
 * Returns a wanted table without the checks of enum fields whose column is an
 * enum type of the server that has no other values. A check that the existing
 * table has stays.
 */
export function withoutRedundantChecks(
  model: AnyModel,
  wanted: LiveTable,
  existing: LiveTable | undefined,
): LiveTable {
  const names = new Set(
    wanted.columns.filter((column) => isEnumOf(model, column))
      .map(({ name }) => enumCheckName(wanted.name, name)),
  );
  if (names.size === 0) return wanted;
  const isRedundant = ({ kind, name, definition }: LiveConstraint): boolean =>
    kind === "check" && names.has(name) &&
    existing?.constraints.some((check) =>
        check.name === name || check.definition === definition
      ) !== true;
  return {
    ...wanted,
    constraints: wanted.constraints.filter((check) => !isRedundant(check)),
  };
}

/** Whether the type of a column is an enum whose values all belong to the field. */
function isEnumOf({ fields }: AnyModel, { name, values }: LiveColumn): boolean {
  const type = fields.find(({ column }) => column === name)?.type;
  if (type?.kind !== "enum" || values === null) return false;
  const known = new Set(type.values);
  return values.every((value) => known.has(value));
}
