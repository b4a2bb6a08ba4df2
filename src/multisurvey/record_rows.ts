import { exactInteger, fieldError, type Packet } from "../alerts/packet.ts";
import { decimalProblem } from "../base/decimal_problem.ts";
import type { Field } from "../model/field.ts";
import type { AnyModel, InsertOf } from "../model/types.ts";

/** Returns a row: the given values, and fields of the record for the others. */
export type RowOfRecord<M extends AnyModel> = (
  record: Packet,
  values: Partial<InsertOf<M>>,
) => InsertOf<M>;

/** A field of a row, and the field of the record that it comes from. */
interface Source {
  readonly name: string;
  readonly from: string;
  readonly convert: Convert;
}

type Convert = (name: string, value: unknown) => unknown;

/**
 * Returns what makes the rows of a model from records of packets. A field that
 * the record lacks is null, except one that fills itself.
 *
 * @param renamed the field of the record for fields with another name
 */
export function recordRows<M extends AnyModel>(
  model: M,
  renamed: Readonly<Record<string, string>> = {},
): RowOfRecord<M> {
  let sources: readonly Source[] | undefined;
  let empty: Readonly<Record<string, unknown>> = {};
  return (record, values) => {
    if (sources === undefined) {
      sources = sourcesOf(model, renamed);
      empty = emptyRow(sources);
    }
    const row = { ...empty };
    for (const { name, from, convert } of sources) {
      if (name in values) continue;
      const value = record[from];
      if (value !== null && value !== undefined) {
        row[name] = convert(name, value);
      }
    }
    // The write checks the row against the model.
    return Object.assign(row, values) as InsertOf<M>;
  };
}

/** Returns a row of nulls. Its copies share a hidden class, as objects do that JSON describes; one that gets its many fields by name would be a dictionary. */
function emptyRow(
  sources: readonly Source[],
): Readonly<Record<string, unknown>> {
  const nulls = Object.fromEntries(sources.map(({ name }) => [name, null]));
  return JSON.parse(JSON.stringify(nulls));
}

function sourcesOf(
  model: AnyModel,
  renamed: Readonly<Record<string, string>>,
): readonly Source[] {
  return model.fields
    .filter((field) =>
      field.default === undefined && field.onUpdate === undefined
    )
    .map((field) => ({
      name: field.name,
      from: renamed[field.name] ?? field.name,
      convert: CONVERT[field.type.kind],
    }));
}

/** How values of a packet become values of a field. */
const CONVERT: Readonly<Record<Field["type"]["kind"], Convert>> = {
  int64: exactInteger,
  int32: numberOf,
  int16: numberOf,
  float32: numberOf,
  float64: numberOf,
  json: jsonOf,
  date: dayOf,
  string: asIs,
  boolean: asIs,
  uuid: asIs,
  bytes: asIs,
  enum: asIs,
  array: asIs,
};

function asIs(_name: string, value: unknown): unknown {
  return value;
}

/** JSON packets keep the digits of identifiers as text; a number takes the nearest one. */
function numberOf(name: string, value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "string" || !/^-?\d+(\.\d+)?$/.test(value)) return value;
  const problem = decimalProblem(value);
  if (problem === undefined) return Number(value);
  throw fieldError(name, value, problem);
}

/** Packets hold JSON as text. */
function jsonOf(name: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    throw fieldError(name, value, "is not valid JSON");
  }
}

const MICROSECONDS_A_DAY = 86_400_000_000n;
const MILLISECONDS_A_DAY = 86_400_000;

/** Returns the day in UTC of a time in microseconds; null if it is 0, which stands for a time that is not set. */
function dayOf(name: string, value: unknown): Date | null {
  if (value instanceof Date) {
    const time = value.getTime();
    return time === 0
      ? null
      : dayNumbered(Math.floor(time / MILLISECONDS_A_DAY));
  }
  const time = exactInteger(name, value);
  if (time === 0n) return null;
  const rest = time % MICROSECONDS_A_DAY;
  const days = (time - rest) / MICROSECONDS_A_DAY - (rest < 0n ? 1n : 0n);
  return dayNumbered(Number(days));
}

function dayNumbered(days: number): Date {
  return new Date(days * MILLISECONDS_A_DAY);
}

/**
 * Returns a number of a record.
 *
 * @param position where the record is, for errors
 * @throws {ValidationError} if it is missing, or not a finite number
 */
export function finiteNumber(
  record: Packet,
  name: string,
  position: string,
): number {
  const field = `${position}.${name}`;
  const value = numberOf(field, record[name]);
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw fieldError(
    field,
    value,
    value === null || value === undefined
      ? "is required"
      : "must be a finite number",
  );
}
