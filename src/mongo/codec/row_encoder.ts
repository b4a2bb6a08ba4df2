import type { Document } from "mongodb";
import { type RowProblem, ValidationError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { isLeftToServer } from "../../model/server_filling.ts";
import { holdsMicroseconds } from "../../model/microseconds.ts";
import { cachedByModel } from "../../model/cached_by_model.ts";
import type { AnyModel } from "../../model/types.ts";
import { valueProblem } from "../../model/value_problem.ts";
import { withExtra } from "../../query/write/extra_fields.ts";
import { unknownFields } from "../../query/checks/field_names.ts";
import { withReadableRows } from "../../query/checks/unreadable_row.ts";
import { assertRow } from "../../query/checks/rows.ts";
import { defaultOf, unfilledText } from "../../query/write/values.ts";
import { canonicalRowCheck, canonicalRowCopier } from "./canonical.ts";
import { addDerived, derivedRefusal } from "./derived.ts";
import { encodeField, encodeValue } from "./encode_value.ts";
import { canonicalCheck, codecOf } from "./field_codec.ts";
import type { FieldCodec } from "./kinds.ts";

/**
 * Encodes a row as a document, or throws a `ValidationError` with every problem
 * of the row. The document may be the row itself if nothing has to change.
 */
export type RowEncoder = (row: object, index: number) => Document;

/** What the encoder prepares for each field. */
interface FieldPlan {
  readonly field: Field;
  readonly name: string;
  readonly column: string;
  /** Whether a value is already as documents hold it. */
  readonly isCanonical: (value: unknown) => boolean;
  /** The reason why a value is invalid. */
  readonly valueProblem: (value: unknown) => string | undefined;
  /** The reason why documents cannot hold an encoded value. */
  readonly encodedProblem: FieldCodec["refusal"];
  /** Whether every object has a property of this name, own or not. */
  readonly isInherited: boolean;
  /** The value of a new row without this field. */
  readonly missing: () => unknown;
}

/**
 * The encoder of a model's new rows. It adds defaults, and null for missing
 * nullable fields.
 *
 * @param copy whether the document must never be the row itself, because the caller may change the row later
 */
export function newRowEncoder(model: AnyModel, copy: boolean): RowEncoder {
  return copy ? copyingEncoder(model) : sharingEncoder(model);
}

const copyingEncoder = cachedByModel((model) => createEncoder(model, true));
const sharingEncoder = cachedByModel((model) => createEncoder(model, false));

function createEncoder(model: AnyModel, copy: boolean): RowEncoder {
  const plans = plansOf(model);
  const hasDerived = model.mongo.derived.size > 0;
  const isCopied = copy || hasDerived ||
    plans.some(({ name, column }) => name !== column);
  const isCanonicalRow = isCopied ? undefined : canonicalRowCheck(model);
  const canonicalCopy = copy && !hasDerived
    ? canonicalRowCopier(model)
    : undefined;
  return withReadableRows(model, (given, index) => {
    assertRow(model, given, index);
    const row = withExtra(model, given);
    if (isCanonicalRow?.(row)) return row;
    const wholeCopy = canonicalCopy?.(row);
    if (wholeCopy !== undefined) return wholeCopy;
    const values = row as Readonly<Record<string, unknown>>;
    let document: Document | undefined = isCopied ? newDocument() : undefined;
    let [count, position] = [0, 0];
    for (const plan of plans) {
      const value = plan.isInherited && !Object.hasOwn(row, plan.name)
        ? undefined
        : values[plan.name];
      let encoded = value;
      if (value === undefined) encoded = plan.missing();
      else count++;
      if (
        encoded === null ? !plan.field.nullable : !plan.isCanonical(encoded)
      ) {
        if (plan.valueProblem(encoded) !== undefined) {
          throw rowError(model, plans, row, index);
        }
        encoded = encodeField(plan.field, encoded);
        if (plan.encodedProblem?.(encoded) !== undefined) {
          throw rowError(model, plans, row, index);
        }
      }
      if (document === undefined && !Object.is(encoded, value)) {
        document = copyFields(values, plans, position);
      }
      if (document !== undefined) document[plan.column] = encoded;
      position++;
    }
    if (count !== Object.keys(row).length) {
      const unknown = unknownFields(model, row, index);
      if (unknown.length > 0) throw new ValidationError(model.name, unknown);
      document ??= copyFields(values, plans, plans.length);
    }
    if (hasDerived) return addDerived(model, document ?? { ...row });
    return document ?? row;
  });
}

/** The encoder of the given fields only: a part of a new row, or changes of an existing one. */
export const partialRowEncoder: (model: AnyModel) => RowEncoder = cachedByModel(
  (model) => {
    const plans = plansOf(model);
    return withReadableRows(model, (given, index) => {
      assertRow(model, given, index);
      const row = withExtra(model, given);
      const values = row as Readonly<Record<string, unknown>>;
      const document = newDocument();
      let count = 0;
      for (const plan of plans) {
        const { field, name, column } = plan;
        let value = plan.isInherited && !Object.hasOwn(row, name)
          ? undefined
          : values[name];
        if (value === undefined) continue;
        count++;
        if (value === null ? !field.nullable : !plan.isCanonical(value)) {
          const isValid = plan.valueProblem(value) === undefined;
          if (isValid) value = encodeField(field, value);
          if (!isValid || plan.encodedProblem?.(value) !== undefined) {
            const givenPlans = plans.filter(({ name }) =>
              Object.hasOwn(row, name) && values[name] !== undefined
            );
            throw rowError(model, givenPlans, row, index);
          }
        }
        document[column] = value;
      }
      if (count !== Object.keys(row).length) {
        const unknown = unknownFields(model, row, index);
        if (unknown.length > 0) throw new ValidationError(model.name, unknown);
      }
      return document;
    });
  },
);

/** Encodes the checked values of a statement. */
export function encodeValues(
  values: Iterable<readonly [Field, unknown]>,
): Document {
  return Object.fromEntries(
    Array.from(values).map(([field, value]) => [
      field.column,
      encodeField(field, value),
    ]),
  );
}

/** Encodes the checked values of a new row, in the form that rows store: null for missing fields, and derived values. */
export function encodeNewRow(
  model: AnyModel,
  values: ReadonlyMap<Field, unknown>,
): Document {
  const document: Document = {};
  for (const field of model.fields) {
    document[field.column] = encodeValue(field.type, values.get(field));
  }
  return addDerived(model, document);
}

const plansOf = cachedByModel((model): readonly FieldPlan[] =>
  model.fields.map((field) => {
    const refusal = derivedRefusal(model, field);
    const codec = codecOf(field.type);
    return {
      field,
      name: field.name,
      column: field.column,
      isCanonical: field.refine === undefined && refusal === undefined &&
          !holdsMicroseconds(field)
        ? canonicalCheck(codec)
        : () => false,
      valueProblem: (value) =>
        value === undefined && isLeftToServer(field)
          ? unfilledText(field, "MongoDB")
          : valueProblem(field, value) ?? refusal?.(value),
      encodedProblem: codec.refusal,
      isInherited: field.name in Object.prototype,
      missing: defaultOf(field),
    };
  })
);

/** Returns an empty document; no literal, for the reason of {@link fieldCopier}. */
function newDocument(): Document {
  return new Object();
}

/** A document with the first `count` fields of a row, all of them canonical. */
function copyFields(
  values: Readonly<Record<string, unknown>>,
  plans: readonly FieldPlan[],
  count: number,
): Document {
  const document = newDocument();
  for (const { name, column } of plans.slice(0, count)) {
    document[column] = values[name];
  }
  return document;
}

/** The error with every problem of a row. */
function rowError(
  model: AnyModel,
  plans: readonly FieldPlan[],
  row: object,
  index: number,
): ValidationError {
  const problems: RowProblem[] = unknownFields(model, row, index);
  for (const plan of plans) {
    const own: unknown = Object.hasOwn(row, plan.name)
      ? Reflect.get(row, plan.name)
      : undefined;
    const value = own === undefined ? plan.missing() : own;
    const reason = plan.valueProblem(value) ??
      plan.encodedProblem?.(encodeField(plan.field, value));
    if (reason !== undefined) {
      problems.push({ index, field: plan.name, value, reason });
    }
  }
  return new ValidationError(model.name, problems);
}
