import type { Document } from "mongodb";
import type { Field } from "../../../model/field.ts";
import { isFloat } from "../../../model/value_problem.ts";
import type {
  Combination,
  UpsertStatement,
} from "../../../query/statement/statement.ts";
import { updateWithDerived } from "../../codec/derived.ts";
import { codecOf } from "../../codec/field_codec.ts";
import { holdsNan } from "../../codec/holds_nan.ts";
import type { FoldedRow } from "./fold_rows.ts";

/** The update of one existing document. */
interface RowUpdate {
  readonly filter: Document;
  readonly update: Document | Document[];
}

/**
 * The function that returns the update of a row. It changes nothing if the values
 * that decided about it have changed since they were read. The server itself
 * finds the lesser or greater of two values where it orders them as
 * `compareValues` does, so that such rows do not depend on the values read.
 */
export function createRowUpdate(
  { model, conflict, prefer, merge }: UpsertStatement,
): (row: FoldedRow) => RowUpdate {
  const compared = [...conflict, ...prefer];
  const combined = [...merge];
  const isDerived = model.mongo.derived.size > 0;
  return ({ before = {}, changes = {} }) => {
    const filter: Document = {};
    for (const field of compared) filter[field.column] = equals(before, field);
    if (combined.length === 0) {
      return { filter, update: updateWithDerived(model, changes) };
    }
    const set = { ...changes };
    const extremes: Record<string, Document> = {};
    for (const [field, rule] of combined) {
      const { column } = field;
      if (!Object.hasOwn(changes, column)) continue;
      const operator = isDerived
        ? undefined
        : operatorOf(field, rule, before[column] ?? null);
      if (operator === undefined) filter[column] = equals(before, field);
      else {
        extremes[operator] = {
          ...extremes[operator],
          [column]: changes[column],
        };
        delete set[column];
        // For $min, null is less than every value.
        if (operator === "$min" && field.nullable) {
          filter[column] = { $ne: null };
        }
      }
    }
    return Object.keys(extremes).length === 0
      ? { filter, update: updateWithDerived(model, set) }
      : {
        filter,
        update: Object.keys(set).length === 0
          ? extremes
          : { ...extremes, $set: set },
      };
  };
}

/** The operator that combines a value on the server; undefined if the server would order the values otherwise. */
function operatorOf(
  field: Field,
  rule: Combination,
  existing: unknown,
): "$min" | "$max" | undefined {
  const { type } = field;
  if (
    rule === "ifNull" || codecOf(type).holdsArrays || type.kind === "bytes" ||
    holdsNan(field) || (isFloat(type) && Number.isNaN(existing))
  ) return undefined;
  if (rule === "greatest") return "$max";
  return existing === null ? undefined : "$min";
}

function equals(document: Document, { column }: Field): Document {
  return { $eq: document[column] ?? null };
}
