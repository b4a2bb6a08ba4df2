import { ModelError, suggestionText } from "../base/errors/mod.ts";
import { valueNamed } from "../base/known_names.ts";
import { fieldsNamed, keyListText, keysOf } from "./keys.ts";
import { isLeftToServer } from "./server_filling.ts";
import type { AnyModel, Index } from "./types.ts";
import { versionProblem } from "./version.ts";
import { isFloat } from "./value_problem.ts";

type Names = readonly [option: string, fields: readonly string[]];

/** Properties of JavaScript objects that rows cannot have as fields. */
const INHERITED = ["__proto__", "toString", "toJSON"];
/** Words of filters by position. */
const SKY_WORDS = ["near", "box", "polygon", "distance"];
/** Words of filters. */
const FILTER_WORDS = ["and", "or", "not"];

/**
 * Checks that the parts of a model fit together.
 *
 * @throws {ModelError} with the first problem
 */
export function assertModel(model: AnyModel): void {
  assertKnownFields(model);
  const problem = foreignKeyProblem(model) ?? partitionProblem(model) ??
    keyNameProblem(model) ?? nullableKeyProblem(model) ?? nameProblem(model) ??
    documentProblem(model) ??
    relationProblem(model) ?? versionProblem(model) ?? spatialProblem(model) ??
    seedProblem(model);
  if (problem === undefined) return;
  throw new ModelError(`Cannot define ${model.name}: ${problem}`);
}

function assertKnownFields(model: AnyModel): void {
  for (const [option, fields] of namedFields(model)) {
    for (const field of fields) {
      valueNamed(field, model.byName, ({ nearest }) =>
        new ModelError(
          `Cannot define ${model.name}: ${option} names "${field}", which is not a field${
            suggestionText(nearest)
          }`,
        ));
    }
  }
}

/** The fields that each option names. */
function namedFields(
  {
    primaryKey,
    unique,
    foreignKeys,
    indexes,
    relations,
    partitionBy,
    spatial,
    mongo,
  }: AnyModel,
): Names[] {
  return [
    ["primaryKey", primaryKey.map(String)],
    ...unique.map((key, index): Names => [`unique[${index}]`, key]),
    ...foreignKeys.map(({ fields }, index): Names => [
      `foreignKeys[${index}].fields`,
      fields,
    ]),
    ...indexes.flatMap(({ fields, include = [] }, index): Names[] => [
      [`indexes[${index}].fields`, fields.flatMap(fieldOfPart)],
      [`indexes[${index}].include`, include],
    ]),
    ...[...relations].map(([name, { on }]): Names => [
      `relations.${name}.on`,
      Object.keys(on),
    ]),
    ["partitionBy.hash", partitionBy === undefined ? [] : [partitionBy.hash]],
    ["spatial", spatial === undefined ? [] : [spatial.ra, spatial.dec]],
    ...[...mongo.derived].map(([name, { from }]): Names => [
      `mongo.derived.${name}`,
      from,
    ]),
  ];
}

function foreignKeyProblem({ foreignKeys }: AnyModel): string | undefined {
  for (const { fields, references } of foreignKeys) {
    const { table, fields: others } = references;
    if (fields.length !== others.length) {
      return `the foreign key (${
        fields.join(", ")
      }) must reference as many fields as it has, but it references ${others.length} of ${table}`;
    }
  }
  return undefined;
}

/** PostgreSQL enforces a unique key within each partition only. */
function partitionProblem(
  { partitionBy, primaryKey, unique, indexes }: AnyModel,
): string | undefined {
  if (partitionBy === undefined) return undefined;
  const { hash } = partitionBy;
  const keys: readonly (readonly [string, readonly unknown[]])[] = [
    ["primary key", primaryKey],
    ...unique.map((key) => ["unique key", key] as const),
    ...indexes.filter((index) => index.unique)
      .map(({ fields }) => ["unique index", fields] as const),
  ];
  const wrong = keys.find(([, fields]) =>
    fields.length > 0 && !fields.includes(hash)
  );
  if (wrong === undefined) return undefined;
  const [option, fields] = wrong;
  const key = fields.map((part) => typeof part === "string" ? part : "…");
  return `the table is partitioned by ${hash}, but the ${option} (${
    key.join(", ")
  }) does not contain it; add ${hash} to that key`;
}

function keyNameProblem(
  { primaryKey, primaryKeyName }: AnyModel,
): string | undefined {
  return primaryKeyName === undefined || primaryKey.length > 0
    ? undefined
    : `primaryKeyName is "${primaryKeyName}", and the model has no primaryKey; add it, or remove the name`;
}

function nullableKeyProblem(
  { primaryKey, byName }: AnyModel,
): string | undefined {
  const field = primaryKey.map(String).find((name) =>
    byName.get(name)?.nullable
  );
  return field === undefined
    ? undefined
    : `${field} is part of the primary key and cannot be nullable`;
}

function nameProblem({ byName, relations }: AnyModel): string | undefined {
  const inherited = INHERITED.find((name) =>
    byName.has(name) || relations.has(name)
  );
  if (inherited !== undefined) {
    return `every JavaScript object has ${inherited}; rename the field or relation`;
  }
  const word = FILTER_WORDS.find((name) => byName.has(name));
  return word === undefined
    ? undefined
    : `"${word}" is reserved in filters; rename the field and keep the column's name with meta({ column: "${word}" })`;
}

function documentProblem(
  { fields, primaryKey, byName, mongo: { derived, id, extra } }: AnyModel,
): string | undefined {
  const both = [...derived.keys()].find((name) =>
    fields.some(({ column }) => column === name) || name === "_id"
  );
  if (both !== undefined) {
    return `${both} is derived on MongoDB and cannot be a column too`;
  }
  if (id !== undefined && (primaryKey.length > 1 || primaryKey[0] !== id)) {
    return `documents store ${id} in _id, so ${id} must be the primary key`;
  }
  return extra !== undefined && byName.get(extra)?.type.kind !== "json"
    ? `${extra} stores undeclared attributes, so it must be a field of JSON`
    : undefined;
}

function relationProblem({ byName, relations }: AnyModel): string | undefined {
  const both = [...relations.keys()].find((name) => byName.has(name));
  return both === undefined
    ? undefined
    : `${both} is both a field and a relation`;
}

function spatialProblem(
  { spatial, byName, relations }: AnyModel,
): string | undefined {
  if (spatial === undefined) return undefined;
  const { ra, dec, using, index } = spatial;
  if (using !== undefined && index === false) {
    return `spatial has no index (index: false), so using: "${using}" has no effect; remove one of them`;
  }
  if (ra === dec) return `spatial names ${ra} for both coordinates`;
  const wrong = [ra, dec].flatMap((name) => byName.get(name) ?? [])
    .find(({ type }) => !isFloat(type));
  if (wrong !== undefined) {
    return `spatial names ${wrong.name}, which is ${wrong.type.kind}; a position has fields of type float64 or float32`;
  }
  const word = SKY_WORDS.find((name) =>
    byName.has(name) || relations.has(name)
  );
  return word === undefined
    ? undefined
    : `"${word}" is reserved in filters by position; rename the field or relation`;
}

/** A row whose keys are all left to the server could not be recognized, and would be inserted again every time. */
function seedProblem(model: AnyModel): string | undefined {
  const keys = keysOf(model).map((key) => fieldsNamed(model, key));
  const isIdentified = (row: object): boolean =>
    keys.some((key) =>
      key.every((field) =>
        !isLeftToServer(field) || Reflect.get(row, field.name) !== undefined
      )
    );
  const index = model.seed.findIndex((row) => !isIdentified(row));
  if (keys.length === 0 || index < 0) return undefined;
  return `seed[${index}] leaves ${
    keyListText(keysOf(model))
  } to the server, so createDb would insert it again every time; give it a value for a key`;
}

function fieldOfPart(part: Index["fields"][number]): string[] {
  if (typeof part === "string") return [part];
  return "field" in part ? [part.field] : [];
}
