import { ModelError } from "../base/errors/mod.ts";
import {
  inWords,
  isRecord,
  list,
  oneOf,
  problemOf,
  record,
  type Shape,
  shape,
} from "./option_shape.ts";

const TEXT = shape("a string", (value) => typeof value === "string");
const YES = shape("true or false", (value) => typeof value === "boolean");
const COUNT = shape(
  "a whole number from 1, as 16",
  (value) => Number.isInteger(value) && Number(value) > 0,
);
const OPCLASS = shape(
  'the name of an operator class, as "gin_trgm_ops"',
  (value) =>
    typeof value === "string" &&
    /^[a-z_]\w*(\.[a-z_]\w*)?( ?\(\w+ ?= ?\w+(, ?\w+ ?= ?\w+)*\))?$/i.test(
      value,
    ),
);
const NAMES: Shape = {
  ...list('a list of field names, as ["oid"]'),
  each: shape("the name of a field", (value) => typeof value === "string"),
};
const ANY = shape("a value", () => true);

const FOREIGN_KEY = record(
  'a foreign key, as { fields: ["oid"], references: { table: "object", fields: ["oid"] } }',
  {
    fields: NAMES,
    references: record(
      'a table and its fields, as { table: "object", fields: ["oid"] }',
      { table: TEXT, fields: NAMES },
      ["table", "fields"],
    ),
    name: TEXT,
    onDelete: oneOf(["cascade", "set null", "restrict"]),
  },
  ["fields", "references"],
);

const INDEX_PART: Shape = {
  takes:
    'the name of a field, { field: "mjd", order: "desc" } or { sql: "lower(oid)" }',
  fits: (value) =>
    typeof value === "string" ||
    isRecord(value) && ("field" in value || "sql" in value),
  keys: {
    field: TEXT,
    order: oneOf(["asc", "desc"]),
    nulls: oneOf(["first", "last"]),
    sql: TEXT,
    opclass: OPCLASS,
  },
};

const INDEX = record('an index, as { fields: ["mjd"] }', {
  fields: {
    ...list('a list of field names, as ["mjd"]'),
    each: INDEX_PART,
  },
  name: TEXT,
  using: oneOf(["btree", "hash", "gin", "gist", "brin"]),
  where: TEXT,
  include: NAMES,
  unique: YES,
}, ["fields"]);

const CHECK = record(
  'a rule with its name, as { name: "mag_is_positive", sql: "mag > 0" }',
  { name: TEXT, sql: TEXT },
  ["name", "sql"],
);

const RELATION = record(
  'a relation, as { kind: "many", model: "detection", on: { oid: "oid" } }',
  {
    kind: oneOf(["one", "many"]),
    model: TEXT,
    on: { ...record('a field of each, as { oid: "oid" }'), each: TEXT },
    orderBy: {
      ...record('fields and directions, as { mjd: "asc" }'),
      each: oneOf(["asc", "desc"]),
    },
  },
  ["kind", "model", "on"],
);

/** Everything that a model may say. */
const MODEL = record(
  "what there is to say of a model, as { fields: z.object({ oid: z.string() }) }",
  {
    table: TEXT,
    renamedFrom: TEXT,
    label: TEXT,
    fields: ANY,
    primaryKey: NAMES,
    unique: {
      ...list('a list of keys, as [["oid", "mjd"]]'),
      each: NAMES,
    },
    foreignKeys: {
      ...list(`a list with ${FOREIGN_KEY.takes}`),
      each: FOREIGN_KEY,
    },
    indexes: { ...list('a list, as [{ fields: ["mjd"] }]'), each: INDEX },
    checks: { ...list(`a list with ${CHECK.takes}`), each: CHECK },
    relations: {
      ...record(
        'relations by name, as { detections: { kind: "many", model: "detection", on: { oid: "oid" } } }',
      ),
      each: RELATION,
    },
    partitionBy: record(
      'a field and a count, as { hash: "oid", partitions: 16 }',
      { hash: TEXT, partitions: COUNT },
      ["hash", "partitions"],
    ),
    seed: {
      ...list("a list of rows, as [{ id: 1 }]"),
      each: record("a row, as { id: 1 }"),
    },
    mongo: record('what documents are, as { id: "oid" }', {
      derived: {
        ...record('values by name, as { loc: point("meanra", "meandec") }'),
        each: record('what point("meanra", "meandec") gives'),
      },
      id: TEXT,
      extra: TEXT,
    }),
  },
  ["fields"],
);

/**
 * Looks at what a model says, for callers whom no compiler stopped.
 *
 * @throws {ModelError} naming the option, what it takes and the nearest right
 * name
 */
export function checkOptions(name: unknown, options: unknown): void {
  if (typeof name !== "string" || name === "") {
    throw new ModelError(
      `Cannot define a model: its name comes first, as defineModel("detection", { … }); it is ${
        inWords(name)
      }`,
    );
  }
  const schema = isRecord(options) && "~standard" in options;
  const problem = schema
    ? "the second argument takes { fields: z.object({ … }) }, not the z.object alone"
    : problemOf("", options, MODEL);
  if (problem === undefined) return;
  throw new ModelError(`Cannot define ${name}: ${problem}`);
}
