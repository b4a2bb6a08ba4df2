import { ModelError } from "../base/errors/mod.ts";
import {
  array,
  isRecord,
  object,
  oneOf,
  record,
  type Shape,
  shape,
  shapeProblem,
  valueText,
} from "./option_shape.ts";
import type { ModelOptions, MongoOptions, SpatialOptions } from "./options.ts";
import type {
  Check,
  ForeignKey,
  Index,
  IndexOrder,
  PartitionBy,
  Relation,
} from "./types.ts";

const STRING = shape("a string", (value) => typeof value === "string");
const BOOLEAN = shape("true or false", (value) => typeof value === "boolean");
const COUNT = shape(
  "a whole number, 1 or greater, like 16",
  (value) => Number.isInteger(value) && Number(value) > 0,
);
const OPCLASS = shape(
  'the name of an operator class, like "gin_trgm_ops"',
  (value) =>
    typeof value === "string" &&
    /^[a-z_]\w*(\.[a-z_]\w*)?( ?\(\w+ ?= ?\w+(, ?\w+ ?= ?\w+)*\))?$/i.test(
      value,
    ),
);
const FIELD_NAMES = array(
  'an array of field names, like ["oid"]',
  shape("the name of a field", (value) => typeof value === "string"),
);
const ANY = shape("a value", () => true);

const FOREIGN_KEY = object<ForeignKey>(
  'a foreign key like { fields: ["oid"], references: { table: "object", fields: ["oid"] } }',
  {
    fields: FIELD_NAMES,
    references: object<ForeignKey["references"]>(
      'a table and its fields, like { table: "object", fields: ["oid"] }',
      { table: STRING, fields: FIELD_NAMES },
      ["table", "fields"],
    ),
    name: STRING,
    onDelete: oneOf(["cascade", "set null", "restrict"]),
  },
  ["fields", "references"],
);

const INDEX_PART: Shape = {
  ...object<IndexOrder & { field: string; sql: string }>(
    'the name of a field, { field: "mjd", order: "desc" } or { sql: "lower(oid)" }',
    {
      field: STRING,
      order: oneOf(["asc", "desc"]),
      nulls: oneOf(["first", "last"]),
      sql: STRING,
      opclass: OPCLASS,
    },
  ),
  accepts: (value) =>
    typeof value === "string" ||
    isRecord(value) && ("field" in value || "sql" in value),
};

const INDEX = object<Index>('an index like { fields: ["mjd"] }', {
  fields: array('an array of field names, like ["mjd"]', INDEX_PART),
  name: STRING,
  using: oneOf(["btree", "hash", "gin", "gist", "brin"]),
  where: STRING,
  include: FIELD_NAMES,
  unique: BOOLEAN,
}, ["fields"]);

const CHECK = object<Check>(
  'a check with a name, like { name: "mag_is_positive", sql: "mag > 0" }',
  { name: STRING, sql: STRING },
  ["name", "sql"],
);

const RELATION = object<Relation>(
  'a relation like { kind: "many", model: "detection", on: { oid: "oid" } }',
  {
    kind: oneOf(["one", "many"]),
    model: STRING,
    on: record('a field of each model, like { oid: "oid" }', STRING),
    orderBy: record(
      'fields and directions, like { mjd: "asc" }',
      oneOf(["asc", "desc"]),
    ),
  },
  ["kind", "model", "on"],
);

type Options = ModelOptions<
  object,
  object,
  readonly never[],
  Readonly<Record<string, Relation>>
>;

const MODEL = object<Options>(
  "the options of the model, like { fields: z.object({ oid: z.string() }) }",
  {
    table: STRING,
    renamedFrom: STRING,
    label: STRING,
    fields: ANY,
    primaryKey: FIELD_NAMES,
    primaryKeyName: STRING,
    unique: array('an array of keys, like [["oid", "mjd"]]', FIELD_NAMES),
    foreignKeys: array(`an array with ${FOREIGN_KEY.expected}`, FOREIGN_KEY),
    indexes: array('an array like [{ fields: ["mjd"] }]', INDEX),
    checks: array(`an array with ${CHECK.expected}`, CHECK),
    relations: record(
      'relations by name, like { detections: { kind: "many", model: "detection", on: { oid: "oid" } } }',
      RELATION,
    ),
    partitionBy: object<PartitionBy>(
      'a field and a number of partitions, like { hash: "oid", partitions: 16 }',
      { hash: STRING, partitions: COUNT },
      ["hash", "partitions"],
    ),
    seed: array(
      "an array of rows, like [{ id: 1 }]",
      record("a row like { id: 1 }"),
    ),
    spatial: object<SpatialOptions>(
      'the fields of the position, like { ra: "meanra", dec: "meandec" }',
      {
        ra: STRING,
        dec: STRING,
        using: oneOf(["zones", "cube", "q3c"]),
        index: BOOLEAN,
      },
      ["ra", "dec"],
    ),
    mongo: object<MongoOptions>(
      'the options of the documents, like { id: "oid" }',
      {
        derived: record(
          'values by name, like { loc: point("meanra", "meandec") }',
          record('the result of point("meanra", "meandec")'),
        ),
        id: STRING,
        extra: STRING,
      },
    ),
  },
  ["fields"],
);

/**
 * Checks the arguments of `defineModel` at run time, for untyped code.
 *
 * @throws {ModelError} with the option, the values it accepts and the most similar known name
 */
export function assertModelOptions(name: unknown, options: unknown): void {
  if (typeof name !== "string" || name === "") {
    throw new ModelError(
      `Cannot define a model: the first argument must be its name, like defineModel("detection", { … }); got ${
        valueText(name)
      }`,
    );
  }
  const isSchema = isRecord(options) && "~standard" in options;
  const problem = isSchema
    ? "the second argument must be { fields: z.object({ … }) }, not the z.object alone"
    : shapeProblem("", options, MODEL);
  if (problem === undefined) return;
  throw new ModelError(`Cannot define ${name}: ${problem}`);
}
