import type { Document } from "mongodb";
import { type RowProblem, ValidationError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { valueProblem } from "../../model/value_problem.ts";
import { withExtra } from "../../query/write/extra_fields.ts";
import { unknownFields } from "../../query/checks/field_names.ts";
import { defaultValue } from "../../query/write/values.ts";
import { canonicalCheck } from "./canonical_value.ts";
import { derive, refusalOf } from "./derived.ts";
import { readyCheck } from "./canonical_row.ts";
import { kept } from "./values.ts";

/**
 * Makes a document out of a row, or throws with every problem of the row. The
 * document may be the row itself, where nothing has to change.
 */
export type RowEncoder = (row: object, index: number) => Document;

/** What the encoder knows of a field in advance. */
interface Plan {
  readonly field: Field;
  readonly name: string;
  readonly column: string;
  /** Whether a value can be written as it is. */
  readonly takes: (value: unknown) => boolean;
  /** Why it cannot be written at all. */
  readonly reason: (value: unknown) => string | undefined;
  /** Whether every object has a property of this name, its own or not. */
  readonly inherited: boolean;
  readonly missing: () => unknown;
}

/**
 * The encoder of a model's new rows: defaults put in, null where a nullable
 * field is not given.
 *
 * @param copy whether the document must be another object than the row, which
 * its source may go on to change
 */
export function newRowEncoder(model: AnyModel, copy: boolean): RowEncoder {
  const plans = plansOf(model);
  const derives = model.mongo.derived.size > 0;
  const own = copy || derives ||
    plans.some(({ name, column }) => name !== column);
  const ready = own ? undefined : readyCheck(model);
  return (given, index) => {
    const row = withExtra(model, given);
    if (ready?.(row)) return row;
    const values = row as Readonly<Record<string, unknown>>;
    let document: Document | undefined = own ? {} : undefined;
    let [count, place] = [0, 0];
    for (const plan of plans) {
      const value = plan.inherited && !Object.hasOwn(row, plan.name)
        ? undefined
        : values[plan.name];
      let put = value;
      if (value === undefined) put = plan.missing();
      else count++;
      if (put === null ? !plan.field.nullable : !plan.takes(put)) {
        if (plan.reason(put) !== undefined) {
          throw problems(model, plans, row, index);
        }
        put = kept(plan.field, put);
      }
      if (document === undefined && !Object.is(put, value)) {
        document = begun(values, plans, place);
      }
      if (document !== undefined) document[plan.column] = put;
      place++;
    }
    if (count !== Object.keys(row).length) {
      const unknown = unknownFields(model, row, index);
      if (unknown.length > 0) throw new ValidationError(model.name, unknown);
      document ??= begun(values, plans, plans.length);
    }
    return derives ? derive(model, document ?? { ...row }) : document ?? row;
  };
}

/** The encoder of what a row gives and nothing else, which may be part of a new row or a change. */
export function givenEncoder(model: AnyModel): RowEncoder {
  const plans = plansOf(model);
  return (given, index) => {
    const row = withExtra(model, given);
    const values = row as Readonly<Record<string, unknown>>;
    const document: Document = {};
    let count = 0;
    for (const { field, name, column, takes, reason, inherited } of plans) {
      let value = inherited && !Object.hasOwn(row, name)
        ? undefined
        : values[name];
      if (value === undefined) continue;
      count++;
      if (value === null ? !field.nullable : !takes(value)) {
        if (reason(value) !== undefined) {
          const named = plans.filter(({ name }) =>
            Object.hasOwn(row, name) && values[name] !== undefined
          );
          throw problems(model, named, row, index);
        }
        value = kept(field, value);
      }
      document[column] = value;
    }
    if (count !== Object.keys(row).length) {
      const unknown = unknownFields(model, row, index);
      if (unknown.length > 0) throw new ValidationError(model.name, unknown);
    }
    return document;
  };
}

/** The checked values of a statement as a document. */
export function documentOf(
  values: Iterable<readonly [Field, unknown]>,
): Document {
  return Object.fromEntries(
    Array.from(values).map((
      [field, value],
    ) => [field.column, kept(field, value)]),
  );
}

/** The same for a new row: null where nothing is said. */
export function newDocumentOf(
  model: AnyModel,
  values: ReadonlyMap<Field, unknown>,
): Document {
  return derive(
    model,
    Object.fromEntries(
      model.fields.map((
        field,
      ) => [field.column, kept(field, values.get(field) ?? null)]),
    ),
  );
}

function plansOf(model: AnyModel): readonly Plan[] {
  return model.fields.map((field) => {
    const refusal = refusalOf(model, field);
    return {
      field,
      name: field.name,
      column: field.column,
      takes: field.refine === undefined && refusal === undefined
        ? canonicalCheck(field.type)
        : () => false,
      reason: (value) => valueProblem(field, value) ?? refusal?.(value),
      inherited: field.name in Object.prototype,
      missing: missingOf(field),
    };
  });
}

/** The beginning of a document: a row's first fields, which could be written as they are. */
function begun(
  values: Readonly<Record<string, unknown>>,
  plans: readonly Plan[],
  count: number,
): Document {
  const document: Document = {};
  for (const { name, column } of plans.slice(0, count)) {
    document[column] = values[name];
  }
  return document;
}

/** What a new row holds where it says nothing. A default of PostgreSQL's own is none here. */
function missingOf(field: Field): () => unknown {
  if (field.default !== undefined || field.onUpdate !== undefined) {
    return () => defaultValue(field);
  }
  const constant = field.nullable ? null : undefined;
  return () => constant;
}

/** Everything that is wrong with a row. */
function problems(
  model: AnyModel,
  plans: readonly Plan[],
  row: object,
  index: number,
): ValidationError {
  const found: RowProblem[] = unknownFields(model, row, index);
  for (const plan of plans) {
    const own: unknown = Object.hasOwn(row, plan.name)
      ? Reflect.get(row, plan.name)
      : undefined;
    const value = own === undefined ? plan.missing() : own;
    const reason = plan.reason(value);
    if (reason !== undefined) {
      found.push({ index, field: plan.name, value, reason });
    }
  }
  return new ValidationError(model.name, found);
}
