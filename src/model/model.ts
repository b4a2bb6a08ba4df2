import { assertModelOptions } from "./assert_options.ts";
import { assertModel } from "./assert_model.ts";
import type { ModelOptions } from "./options.ts";
import { setOwner } from "./field_owner.ts";
import { rowPrototype } from "./row.ts";
import type {
  AnyModel,
  Insertable,
  Model,
  Relation,
  RelationsFrom,
  RowFrom,
} from "./types.ts";
import { fieldsOf } from "./zod.ts";

export type { ModelOptions, MongoOptions, SpatialOptions } from "./options.ts";

/**
 * Declares a table or collection once, for every engine.
 *
 * @param name the name that relations and `db.kysely` use, and the default of
 * `table`
 * @throws {ModelError} if an option is unknown or malformed, if a key, index or
 * relation names a missing field, or if a field has no column type
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
  const model: DefinedModel<Name, Output, Input, Key, Relations> = createModel(
    name,
    options,
    () => model,
  );
  return Object.freeze(model);
}

/** The model of some options. */
export type DefinedModel<
  Name extends string,
  Output extends object,
  Input extends object,
  Key extends readonly (keyof Output)[],
  Relations extends object,
> = Model<
  RowFrom<Output>,
  Insertable<Input>,
  Name,
  Relations,
  Extract<Key[number], keyof RowFrom<Output>>
>;

/** Checks the options and creates the model. `self` returns the model as its rows and fields name it. */
export function createModel<
  Name extends string,
  Output extends object,
  Input extends object,
  Key extends readonly (keyof Output)[],
  R extends Readonly<Record<string, Relation>>,
  Relations extends object,
>(
  name: Name,
  options: ModelOptions<Output, Input, Key, R>,
  self: () => AnyModel,
): DefinedModel<Name, Output, Input, Key, Relations> {
  assertModelOptions(name, options);
  const fields = fieldsOf(name, options.fields);
  const label = options.label ?? pascalCase(name);
  const primaryKey = options.primaryKey ?? [];
  const model: DefinedModel<Name, Output, Input, Key, Relations> = {
    name,
    table: options.table ?? name,
    renamedFrom: options.renamedFrom,
    label,
    // The compiler cannot relate the two types: fields and row come from the same zod object.
    primaryKey: primaryKey as readonly Extract<
      Key[number],
      keyof RowFrom<Output>
    >[],
    primaryKeyName: options.primaryKeyName,
    fields,
    byName: new Map(fields.map((field) => [field.name, field])),
    unique: options.unique ?? [],
    foreignKeys: options.foreignKeys ?? [],
    indexes: options.indexes ?? [],
    checks: options.checks ?? [],
    relations: new Map(Object.entries(options.relations ?? {})),
    partitionBy: options.partitionBy,
    seed: options.seed ?? [],
    spatial: options.spatial,
    mongo: {
      derived: new Map(Object.entries(options.mongo?.derived ?? {})),
      id: options.mongo?.id,
      extra: options.mongo?.extra,
    },
    prototype: rowPrototype(label, primaryKey.map(String), self),
  };
  assertModel(model);
  for (const field of fields) setOwner(field, self);
  return model;
}

function pascalCase(name: string): string {
  return name.replaceAll(
    /(?:^|[_\s-]+)([a-z0-9])/gi,
    (_, letter: string) => letter.toUpperCase(),
  );
}
