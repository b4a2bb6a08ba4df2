import { cachedByModel } from "../../model/cached_by_model.ts";
import type { Field, FieldType } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { isInteger } from "../../model/value_problem.ts";
import type { AggregateStatement, Measure } from "./statement.ts";

type Parts = Pick<AggregateStatement, "model" | "groupBy" | "measures">;

const groupModels = cachedByModel(() => new Map<string, AnyModel>());

/**
 * Returns the model of the groups of a statement, as an engine reads them: the
 * fields `v0`, `v1`, … hold the values of `groupBy` and of the measures. A sum of
 * integers is a text, because it can exceed 64 bits.
 */
export function groupModel({ model, groupBy, measures }: Parts): AnyModel {
  const key = JSON.stringify([
    groupBy.map(({ name }) => name),
    measures.map((measure) => [
      measure.kind,
      measure.kind === "count" ? "" : measure.field.name,
    ]),
  ]);
  const known = groupModels(model);
  const existing = known.get(key);
  if (existing !== undefined) return existing;
  const fields = [...groupBy, ...measures.map(resultField)].map(
    (field, index) => ({ ...field, name: `v${index}`, column: `v${index}` }),
  );
  const created: AnyModel = {
    ...model,
    fields,
    byName: new Map(fields.map((field) => [field.name, field])),
    primaryKey: [],
    mongo: { derived: new Map(), id: undefined, extra: undefined },
    prototype: Object.prototype,
  };
  known.set(key, created);
  return created;
}

function resultField(measure: Measure): Field {
  switch (measure.kind) {
    case "count":
    case "countDistinct":
      return plainField("", { kind: "int64" });
    case "min":
    case "max":
      return { ...measure.field, nullable: true };
    case "sum":
      return plainField("", {
        kind: isInteger(measure.field.type) ? "string" : "float64",
      });
    case "avg":
      return plainField("", { kind: "float64" });
  }
}

/** Returns a field that no table has, for a computed value. */
export function plainField(name: string, type: FieldType): Field {
  return {
    name,
    column: name,
    type,
    nullable: true,
    sqlType: undefined,
    collation: undefined,
    renamedFrom: undefined,
    filled: undefined,
    sqlDefault: undefined,
    sqlFill: undefined,
    default: undefined,
    onUpdate: undefined,
    isVersion: false,
    nan: "keep",
    unit: undefined,
    description: undefined,
    refine: undefined,
  };
}

/** Returns the values of a group that was read as a row of {@link groupModel}, in the form of an outcome. */
export function groupValues(
  { groupBy, measures }: Parts,
  row: object,
): readonly unknown[] {
  const values: unknown[] = Object.values(row);
  for (const [index, measure] of measures.entries()) {
    const at = groupBy.length + index;
    const value = values[at];
    if (measure.kind === "count" || measure.kind === "countDistinct") {
      values[at] = Number(value);
    } else if (
      measure.kind === "sum" && isInteger(measure.field.type) &&
      typeof value === "string"
    ) values[at] = BigInt(value);
  }
  return values;
}
