import { ModelError, suggestionText } from "../base/errors/mod.ts";
import { valueNamed } from "../base/known_names.ts";
import { checkOptions } from "./check_options.ts";
import type { ModelOptions } from "./options.ts";
import { rowPrototype } from "./row.ts";
import type {
  AnyModel,
  Index,
  Insertable,
  Model,
  Relation,
  RelationsFrom,
  RowFrom,
} from "./types.ts";
import { fieldsOf } from "./zod.ts";

export type { ModelOptions, MongoOptions } from "./options.ts";

/**
 * Declares a table or collection once, for every engine.
 *
 * @param name the name that relations and `db.kysely` use, and the table's
 * unless `table` says otherwise
 * @throws {ModelError} where an option is unknown or not what it takes, a key,
 * index or relation names a field that is not there, or a field has no column
 * type
 * @example
 * ```ts
 * import { defineModel } from "@alerce/db-plugins";
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 *
 * const Source = defineModel("source", {
 *   fields: z.object({
 *     candid: z.int64(),
 *     mjd: z.float64().meta({ unit: "d" }),
 *     mag: z.float64().nullable().meta({ unit: "mag" }),
 *   }),
 *   primaryKey: ["candid"],
 *   indexes: [{ fields: ["mjd"] }],
 * });
 * assert.deepEqual(Source.primaryKey, ["candid"]);
 * assert.equal(Source.byName.get("mag")?.nullable, true);
 * ```
 */
export function defineModel<
  const Name extends string,
  Output extends object,
  Input extends object,
  const Key extends readonly (keyof Output)[] = readonly [],
  const R extends Readonly<Record<string, Relation>> = Record<never, never>,
  Relations extends object = RelationsFrom<R>,
>(
  name: Name,
  options: ModelOptions<Output, Input, Key, R>,
): Model<
  RowFrom<Output>,
  Insertable<Input>,
  Name,
  Relations,
  Extract<Key[number], keyof RowFrom<Output>>
> {
  checkOptions(name, options);
  const fields = fieldsOf(name, options.fields);
  const byName = new Map(fields.map((field) => [field.name, field]));
  const label = options.label ?? pascalCase(name);
  const primaryKey = options.primaryKey ?? [];
  const model: Model<
    RowFrom<Output>,
    Insertable<Input>,
    Name,
    Relations,
    Extract<Key[number], keyof RowFrom<Output>>
  > = {
    name,
    table: options.table ?? name,
    renamedFrom: options.renamedFrom,
    label,
    // The one place where the caller's word on types is taken: the fields come from the same zod object as the row.
    primaryKey: primaryKey as readonly Extract<
      Key[number],
      keyof RowFrom<Output>
    >[],
    fields,
    byName,
    unique: options.unique ?? [],
    foreignKeys: options.foreignKeys ?? [],
    indexes: options.indexes ?? [],
    checks: options.checks ?? [],
    relations: new Map(Object.entries(options.relations ?? {})),
    partitionBy: options.partitionBy,
    seed: options.seed ?? [],
    mongo: {
      derived: new Map(Object.entries(options.mongo?.derived ?? {})),
      id: options.mongo?.id,
      extra: options.mongo?.extra,
    },
    prototype: rowPrototype(label, primaryKey.map(String), () => model),
  };
  checkNames(model);
  return Object.freeze(model);
}

/** A partition can only see to itself that two rows are not alike. */
function checkPartitions(
  { name, partitionBy, primaryKey, unique, indexes }: AnyModel,
): void {
  if (partitionBy === undefined) return;
  const { hash } = partitionBy;
  const keys: [string, readonly unknown[]][] = [
    ["primaryKey", primaryKey],
    ...unique.map((key): [string, readonly unknown[]] => ["unique", key]),
    ...indexes.filter((index) => index.unique).map((
      { fields },
    ): [string, readonly unknown[]] => ["indexes", fields]),
  ];
  for (const [place, fields] of keys) {
    if (fields.length === 0 || fields.includes(hash)) continue;
    throw new ModelError(
      `Cannot define ${name}: it is split by ${hash}, and ${place} has a unique key without it: (${
        fields.map((part) => typeof part === "string" ? part : "…").join(", ")
      }); add ${hash} to that key`,
    );
  }
}

function checkNames(model: AnyModel): void {
  const named: [string, readonly string[]][] = [
    ["primaryKey", model.primaryKey.map(String)],
    ...model.unique.map((key): [string, readonly string[]] => ["unique", key]),
    ...model.foreignKeys.map((
      key,
    ): [string, readonly string[]] => ["foreignKeys", key.fields]),
    ...model.indexes.map((index): [string, readonly string[]] => [
      "indexes",
      [...index.fields.flatMap(partField), ...index.include ?? []],
    ]),
    ...[...model.relations.values()].map((
      relation,
    ): [string, readonly string[]] => ["relations", Object.keys(relation.on)]),
    [
      "partitionBy",
      model.partitionBy === undefined ? [] : [model.partitionBy.hash],
    ],
    ...[...model.mongo.derived].map(([name, { from }]): [
      string,
      readonly string[],
    ] => [name, from]),
  ];
  for (const [place, fields] of named) {
    for (const field of fields) {
      valueNamed(field, model.byName, ({ nearest }) =>
        new ModelError(
          `Cannot define ${model.name}: ${place} names ${field}, which is not a field${
            suggestionText(nearest)
          }`,
        ));
    }
  }
  for (const { fields, references } of model.foreignKeys) {
    if (fields.length !== references.fields.length) {
      throw new ModelError(
        `Cannot define ${model.name}: the foreign key of ${
          fields.join(", ")
        } has as many fields as it refers to, and ${references.table} is given ${references.fields.length}`,
      );
    }
  }
  checkPartitions(model);
  for (const field of model.primaryKey.map(String)) {
    if (model.byName.get(field)?.nullable) {
      throw new ModelError(
        `Cannot define ${model.name}: ${field} is in the primary key and may not be null`,
      );
    }
  }
  for (const taken of ["__proto__", "toString", "toJSON"]) {
    if (model.byName.has(taken) || model.relations.has(taken)) {
      throw new ModelError(
        `Cannot define ${model.name}: JavaScript gives ${taken} to every row; name the field or relation otherwise`,
      );
    }
  }
  for (const reserved of ["and", "or", "not"]) {
    if (model.byName.has(reserved)) {
      throw new ModelError(
        `Cannot define ${model.name}: filters use the word ${reserved}; name the field otherwise and keep the column's name with meta({ column: "${reserved}" })`,
      );
    }
  }
  for (const name of model.mongo.derived.keys()) {
    if (model.fields.some(({ column }) => column === name) || name === "_id") {
      throw new ModelError(
        `Cannot define ${model.name}: ${name} is derived on MongoDB and cannot be a column too`,
      );
    }
  }
  const { id, extra } = model.mongo;
  if (
    id !== undefined &&
    (model.primaryKey.length > 1 || model.primaryKey[0] !== id)
  ) {
    throw new ModelError(
      `Cannot define ${model.name}: documents keep ${id} in _id, so it must be the primary key`,
    );
  }
  if (extra !== undefined && model.byName.get(extra)?.type.kind !== "json") {
    throw new ModelError(
      `Cannot define ${model.name}: ${extra} takes undeclared attributes and must be a field of JSON`,
    );
  }
  for (const relation of model.relations.keys()) {
    if (model.byName.has(relation)) {
      throw new ModelError(
        `Cannot define ${model.name}: ${relation} is a field and a relation`,
      );
    }
  }
}

function partField(part: Index["fields"][number]): string[] {
  if (typeof part === "string") return [part];
  return "field" in part ? [part.field] : [];
}

function pascalCase(name: string): string {
  return name.replaceAll(
    /(?:^|[_\s-]+)([a-z0-9])/gi,
    (_, letter: string) => letter.toUpperCase(),
  );
}
