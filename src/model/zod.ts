import { ModelError } from "../base/errors/mod.ts";
import type { Field, FieldType, NanRule, ScalarKind } from "./field.ts";

/** What this file needs to know of a zod schema: the shape is zod 4's own `_zod.def`. */
interface ZodLike {
  readonly _zod: { readonly def: ZodDef };
  meta(): Record<string, unknown> | undefined;
  safeParse(
    value: unknown,
  ): { readonly error?: { readonly issues: readonly { message: string }[] } };
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

/** The fields of a zod object, in its order. The only place that looks inside zod. */
export function fieldsOf(model: string, schema: unknown): readonly Field[] {
  if (!isZod(schema) || schema._zod.def.shape === undefined) {
    throw new ModelError(
      `Cannot define ${model}: fields must be a z.object({ … })`,
    );
  }
  const { shape, checks } = schema._zod.def;
  if (checks?.length) {
    throw new ModelError(
      `Cannot define ${model}: rules over several fields belong in \`checks\`, where the database keeps them too`,
    );
  }
  return Object.entries(shape).map(([name, inner]) =>
    fieldOf(`${model}.${name}`, name, inner)
  );
}

function fieldOf(place: string, name: string, outer: ZodLike): Field {
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
        `Cannot define ${place}: a row holds what was written, so z.${def.type}() has no column type`,
      );
    }
    schema = def.innerType;
    meta = { ...schema.meta(), ...meta };
  }
  const type = typeOf(place, schema, meta.sqlType);
  return {
    name,
    column: text(place, meta, "column") ?? name,
    type,
    nullable,
    sqlType: text(place, meta, "sqlType"),
    renamedFrom: text(place, meta, "renamedFrom"),
    sqlDefault: text(place, meta, "sqlDefault"),
    default: makeDefault,
    onUpdate: maker(place, meta.onUpdate),
    nan: nanRule(place, meta.nan),
    unit: text(place, meta, "unit"),
    description: text(place, meta, "description"),
    refine: isRefined(schema) ? refiner(schema) : undefined,
  };
}

function typeOf(place: string, schema: ZodLike, sqlType: unknown): FieldType {
  const { def } = schema._zod;
  if (def.coerce) {
    throw new ModelError(
      `Cannot define ${place}: z.coerce changes values behind the writer's back; convert them before they are written`,
    );
  }
  switch (def.type) {
    case "number":
      return { kind: numberKind(place, def.format) };
    case "bigint":
      if (def.format !== undefined && def.format !== "int64") {
        throw new ModelError(
          `Cannot define ${place}: no column holds ${def.format}; use z.int64()`,
        );
      }
      return { kind: "int64" };
    case "string":
      return { kind: def.format === "uuid" ? "uuid" : "string" };
    case "boolean":
    case "date":
      return { kind: def.type };
    case "enum":
      return { kind: "enum", values: Object.values(def.entries ?? {}) };
    case "array":
      return arrayOf(place, def, sqlType);
    case "object":
    case "record":
    case "unknown":
    case "any":
    case "lazy":
      return { kind: "json" };
    default:
      throw new ModelError(
        `Cannot define ${place}: z.${def.type}() has no column type`,
      );
  }
}

function arrayOf(place: string, def: ZodDef, sqlType: unknown): FieldType {
  if (sqlType === "jsonb" || def.element === undefined) return { kind: "json" };
  let element = def.element;
  let nullableItems = false;
  while (element._zod.def.innerType !== undefined) {
    nullableItems ||= element._zod.def.type === "nullable";
    element = element._zod.def.innerType;
  }
  const item = typeOf(`${place}[]`, element, undefined);
  return item.kind === "json" || item.kind === "array"
    ? { kind: "json" }
    : { kind: "array", item, nullableItems };
}

function numberKind(place: string, format: string | undefined): ScalarKind {
  switch (format) {
    case undefined:
    case "float64":
      return "float64";
    case "float32":
    case "int32":
      return format;
    default:
      throw new ModelError(
        `Cannot define ${place}: no column holds ${format}; use z.int32() or z.int64()`,
      );
  }
}

/** Whether zod checks more than the type, which this package checks itself while it encodes. */
function isRefined({ _zod: { def } }: ZodLike): boolean {
  const plain = def.type !== "string" || def.format === undefined ||
    def.format === "uuid";
  const structured = ["object", "record", "lazy"].includes(def.type) ||
    (def.type === "array" && def.element !== undefined &&
      (isRefined(def.element) || isStructured(def.element)));
  return structured || !plain || (def.checks?.length ?? 0) > 0;
}

function isStructured({ _zod: { def } }: ZodLike): boolean {
  return ["object", "record", "lazy", "array"].includes(def.type);
}

function refiner(schema: ZodLike): (value: unknown) => string | undefined {
  return (value) => schema.safeParse(value).error?.issues[0]?.message;
}

function text(
  place: string,
  meta: Record<string, unknown>,
  key: string,
): string | undefined {
  const value = meta[key];
  if (value === undefined || typeof value === "string") return value;
  throw new ModelError(
    `Cannot define ${place}: meta.${key} must be a string`,
  );
}

function maker(place: string, value: unknown): (() => unknown) | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "function") return () => value();
  throw new ModelError(
    `Cannot define ${place}: meta.onUpdate must be a function`,
  );
}

function nanRule(place: string, value: unknown): NanRule {
  if (value === undefined) return "error";
  if (value === "error" || value === "keep" || value === "null") return value;
  throw new ModelError(
    `Cannot define ${place}: meta.nan must be "error", "keep" or "null"`,
  );
}

function isZod(value: unknown): value is ZodLike {
  return typeof value === "object" && value !== null && "_zod" in value &&
    "safeParse" in value;
}
