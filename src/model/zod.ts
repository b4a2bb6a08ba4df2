import { ModelError } from "../base/errors/mod.ts";
import type { Field, FieldType, NanRule, ScalarKind } from "./field.ts";
import { type Checker, jsonRefiner } from "./json_refiner.ts";
import { isInt16Check } from "./int16_range.ts";
import { assertMetaKeys } from "./meta_keys.ts";
import {
  collationOption,
  flagOption,
  functionOption,
  nanRule,
  textOption,
} from "./meta_options.ts";
import { sqlTypeProblem } from "./sql_type_fits.ts";
import { isFloat } from "./value_problem.ts";
import { versionFieldProblem } from "./version.ts";
import { fillingProblem, isNumbered, serverFilling } from "./server_filling.ts";

/** The part of a zod 4 schema that this file reads. */
interface ZodLike extends Checker {
  readonly _zod: {
    readonly def: ZodDef;
    /** What its checks add; for `z.instanceof` the class. */
    readonly bag: Readonly<Record<string, unknown>>;
    /** The schema of which `.meta()`, `.describe()`, or `.refine()` made this one. */
    readonly parent?: ZodLike;
  };
  meta(): Record<string, unknown> | undefined;
}

interface ZodDef {
  readonly type: string;
  readonly format?: string;
  readonly coerce?: boolean;
  readonly checks?: readonly unknown[];
  readonly innerType?: ZodLike;
  readonly defaultValue?: unknown;
  readonly element?: ZodLike;
  readonly entries?: Readonly<Record<string, string>>;
  readonly shape?: Readonly<Record<string, ZodLike>>;
}

/** Returns the fields of a zod object, in their order. Only this file reads the internals of zod. */
export function fieldsOf(model: string, schema: unknown): readonly Field[] {
  if (!isZod(schema) || schema._zod.def.shape === undefined) {
    throw new ModelError(
      `Cannot define ${model}: fields must be a z.object({ … })`,
    );
  }
  const { shape, checks } = schema._zod.def;
  if (checks?.length) {
    throw new ModelError(
      `Cannot define ${model}: declare rules over several fields in \`checks\`, so that the database enforces them too`,
    );
  }
  return Object.entries(shape).map(([name, inner]) =>
    fieldOf(`${model}.${name}`, name, inner)
  );
}

function fieldOf(path: string, name: string, outer: ZodLike): Field {
  let schema = outer;
  let nullable = false;
  let makeDefault: (() => unknown) | undefined;
  let meta = schema.meta() ?? {};
  for (;;) {
    const { def } = schema._zod;
    if (def.innerType === undefined) break;
    if (def.type === "nullable" || def.type === "optional") nullable = true;
    else if (def.type === "default") {
      const withDefault = def;
      makeDefault = () => withDefault.defaultValue;
    } else if (def.type !== "readonly") {
      throw new ModelError(
        `Cannot define ${path}: z.${def.type}() has no column type, because rows hold values as they were written`,
      );
    }
    schema = def.innerType;
    meta = { ...schema.meta(), ...meta };
  }
  assertMetaKeys(path, meta);
  const filling = serverFilling({
    sqlType: textOption(path, meta, "sqlType"),
    sqlDefault: textOption(path, meta, "sqlDefault"),
    sqlFill: textOption(path, meta, "sqlFill"),
  });
  const nan = nanRule(path, meta.nan);
  const type = withNotFinite(typeOf(path, schema, filling.sqlType), nan);
  const field: Field = {
    name,
    column: textOption(path, meta, "column") ?? name,
    type,
    // The server never stores null in a serial or identity column.
    nullable: nullable && !isNumbered(filling),
    ...filling,
    collation: collationOption(path, meta, type),
    renamedFrom: textOption(path, meta, "renamedFrom"),
    default: makeDefault ??
      (meta.version === true ? firstVersion(type) : undefined),
    onUpdate: functionOption(path, meta.onUpdate),
    isVersion: flagOption(path, meta, "version"),
    nan,
    unit: textOption(path, meta, "unit"),
    description: textOption(path, meta, "description"),
    refine: refinerOf(schema, type),
  };
  if (field.nan === "null" && !field.nullable) {
    throw new ModelError(
      `Cannot define ${path}: meta.nan is "null", and the field is not nullable; add .nullable()`,
    );
  }
  const problem = versionFieldProblem(field) ?? fillingProblem(field) ??
    sqlTypeProblem(field);
  if (problem !== undefined) {
    throw new ModelError(`Cannot define ${path}: ${problem}`);
  }
  return field;
}

/** Returns the class of a `z.instanceof` schema. */
function classOf({ _zod: { bag, parent } }: ZodLike): unknown {
  return bag.Class ?? (parent === undefined ? undefined : classOf(parent));
}

function typeOf(path: string, schema: ZodLike, sqlType: unknown): FieldType {
  const { def } = schema._zod;
  if (def.coerce) {
    throw new ModelError(
      `Cannot define ${path}: z.coerce would change values silently; convert them before the write`,
    );
  }
  switch (def.type) {
    case "number":
      if (def.format === undefined && def.checks?.some(isWholeNumbers)) {
        throw new ModelError(
          `Cannot define ${path}: z.number().int() has no column type; use z.int32() or z.int64()`,
        );
      }
      return {
        kind: def.checks?.some(isInt16Check)
          ? "int16"
          : numberKind(path, def.format),
      };
    case "bigint":
      if (def.format !== undefined && def.format !== "int64") {
        throw new ModelError(
          `Cannot define ${path}: z.${def.format}() has no column type; use z.int64()`,
        );
      }
      return { kind: "int64" };
    case "string":
      return { kind: def.format === "uuid" ? "uuid" : "string" };
    case "boolean":
    case "date":
      return { kind: def.type };
    case "enum":
      return { kind: "enum", values: enumValues(path, def) };
    case "custom":
      if (classOf(schema) === Uint8Array) return { kind: "bytes" };
      throw new ModelError(
        `Cannot define ${path}: z.custom() and z.instanceof() have no column type; for bytes use bytes()`,
      );
    case "array":
      return arrayOf(path, def, sqlType);
    case "object":
    case "record":
    case "unknown":
    case "any":
    case "lazy":
      return { kind: "json" };
    default:
      throw new ModelError(
        `Cannot define ${path}: z.${def.type}() has no column type`,
      );
  }
}

/** The values of an enum, which are texts. */
function enumValues(path: string, { entries = {} }: ZodDef): string[] {
  const values: unknown[] = Object.values(entries);
  const wrong = values.find((value) => typeof value !== "string");
  if (wrong === undefined) return values.map(String);
  throw new ModelError(
    `Cannot define ${path}: an enum has strings as values, and ${
      String(wrong)
    } is a ${typeof wrong}; use z.int32() with a check`,
  );
}

function arrayOf(path: string, def: ZodDef, sqlType: unknown): FieldType {
  if (sqlType === "jsonb" || def.element === undefined) return { kind: "json" };
  let element = def.element;
  let nullableItems = false;
  while (element._zod.def.innerType !== undefined) {
    nullableItems ||= element._zod.def.type === "nullable";
    element = element._zod.def.innerType;
  }
  const item = typeOf(`${path}[]`, element, undefined);
  return item.kind === "json" || item.kind === "array"
    ? { kind: "json" }
    : { kind: "array", item, nullableItems };
}

function numberKind(path: string, format: string | undefined): ScalarKind {
  switch (format) {
    case undefined:
    case "float64":
      return "float64";
    case "float32":
    case "int32":
      return format;
    default:
      throw new ModelError(
        `Cannot define ${path}: z.${
          format === "safeint" ? "int" : format
        }() has no column type; use z.int32() or z.int64()`,
      );
  }
}

/** Whether a check of zod is `.int()`, which holds only integers that numbers hold. */
function isWholeNumbers(check: unknown): boolean {
  return isZodCheck(check) && check._zod.def.check === "number_format";
}

function isZodCheck(
  check: unknown,
): check is { readonly _zod: { readonly def: { readonly check?: string } } } {
  return typeof check === "object" && check !== null && "_zod" in check;
}

/** Whether zod must check values: this package checks plain types itself while it encodes. */
function isRefined({ _zod: { def } }: ZodLike): boolean {
  const plain = def.type !== "string" || def.format === undefined ||
    def.format === "uuid";
  const structured = ["object", "record", "lazy"].includes(def.type) ||
    (def.type === "array" && def.element !== undefined &&
      (isRefined(def.element) || isStructured(def.element)));
  return structured || !plain ||
    def.checks?.some((check) => !isInt16Check(check)) === true;
}

function isStructured({ _zod: { def } }: ZodLike): boolean {
  return ["object", "record", "lazy", "array"].includes(def.type);
}

/** Returns what checks the rules of a schema beyond its type, or undefined if it has none. */
function refinerOf(schema: ZodLike, type: FieldType): Field["refine"] {
  if (!isRefined(schema)) return undefined;
  return type.kind === "json"
    ? jsonRefiner(schema)
    : (value) => schema.safeParse(value).error?.issues[0]?.message;
}

/** The version of a new row. */
function firstVersion({ kind }: FieldType): () => unknown {
  return () => kind === "int64" ? 1n : 1;
}

/** Returns the type of an array whose floats the model keeps if they are NaN or an infinity. */
function withNotFinite(type: FieldType, nan: NanRule): FieldType {
  return nan === "keep" && type.kind === "array" && isFloat(type.item)
    ? { ...type, keepsNotFinite: true }
    : type;
}

function isZod(value: unknown): value is ZodLike {
  return typeof value === "object" && value !== null && "_zod" in value &&
    "safeParse" in value;
}
