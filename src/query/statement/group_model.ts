import type { Field, FieldType } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { AggregateStatement, Measure } from "./statement.ts";

type Parts = Pick<AggregateStatement, "model" | "groupBy" | "measures">;

const models = new WeakMap<AnyModel, Map<string, AnyModel>>();

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
  let ofModel = models.get(model);
  if (ofModel === undefined) models.set(model, ofModel = new Map());
  const known = ofModel.get(key);
  if (known !== undefined) return known;
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
  ofModel.set(key, created);
  return created;
}

/** Whether the values of a field are integers. */
export function isInteger({ type: { kind } }: Field): boolean {
  return kind === "int32" || kind === "int64";
}

function resultField(measure: Measure): Field {
  switch (measure.kind) {
    case "count":
    case "countDistinct":
      return plainField({ kind: "int64" });
    case "min":
    case "max":
      return { ...measure.field, nullable: true };
    case "sum":
      return plainField({
        kind: isInteger(measure.field) ? "string" : "float64",
      });
    case "avg":
      return plainField({ kind: "float64" });
  }
}

function plainField(type: FieldType): Field {
  return {
    name: "",
    column: "",
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
      measure.kind === "sum" && isInteger(measure.field) &&
      typeof value === "string"
    ) values[at] = BigInt(value);
  }
  return values;
}
