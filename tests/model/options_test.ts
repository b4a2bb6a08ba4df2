// The errors of defineModel and createDb in untyped code: each names the mistake and the correct form.
import { defineModel, ModelError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { NO_INTENT, ON_SQL } from "../support/plan_database.ts";

const fields = z.object({ id: z.int64(), mag: z.float64() });

/** A call that does not compile in typed code. */
function define(options: unknown, name: unknown = "exposure"): () => void {
  return () => Reflect.apply(defineModel, undefined, [name, options]);
}

const MISTAKES: readonly (readonly [string, () => void, string])[] = [
  ...([
    ["sqldefault", "sqlDefault"],
    ["sql_default", "sqlDefault"],
    ["renamed_from", "renamedFrom"],
    ["colum", "column"],
    ["units", "unit"],
    ["on_update", "onUpdate"],
    ["descripton", "description"],
  ] as const).map(([key, nearest]): [string, () => void, string] => [
    `the key ${key} of meta`,
    define({ fields: z.object({ id: z.int64().meta({ [key]: "x" }) }) }),
    `Cannot define exposure.id: meta.${key} is not a key; did you mean ${nearest}?`,
  ]),
  [
    "a misspelled key of meta before .nullable()",
    define({
      fields: z.object({ id: z.int64().meta({ Column: "x" }).nullable() }),
    }),
    "Cannot define exposure.id: meta.Column is not a key; did you mean column?",
  ],
  [
    "NaN stored as null in a required field",
    define({ fields: z.object({ mag: z.float64().meta({ nan: "null" }) }) }),
    'Cannot define exposure.mag: meta.nan is "null", and the field is not nullable; add .nullable()',
  ],
  ...([
    [
      "that is a text",
      z.string(),
      "meta.version requires z.int32() or z.int64()",
    ],
    [
      "that may be null",
      z.int32().nullable(),
      "a version is not nullable; remove .nullable()",
    ],
    [
      "with a rule",
      z.int32().min(1),
      "a version takes no rules such as .min()",
    ],
  ] as const).map((
    [what, schema, problem],
  ): [string, () => unknown, string] => [
    `a version ${what}`,
    define({ fields: z.object({ n: schema.meta({ version: true }) }) }),
    `Cannot define exposure.n: ${problem}`,
  ]),
  [
    "a version that is no boolean",
    define({ fields: z.object({ n: z.int32().meta({ version: "yes" }) }) }),
    "Cannot define exposure.n: meta.version must be true",
  ],
  [
    "two versions",
    define({
      fields: z.object({
        n: z.int32().meta({ version: true }),
        m: z.int64().meta({ version: true }),
      }),
    }),
    "Cannot define exposure: a model has one version, but n and m are versions",
  ],
  [
    "a version in a key",
    define({
      fields: z.object({ n: z.int32().meta({ version: true }) }),
      primaryKey: ["n"],
    }),
    "Cannot define exposure: n is a version, which every update changes, and cannot be part of a key",
  ],
  ...([
    ["z.number().int()", z.number().int(), "z.int32() or z.int64()"],
    ["z.number().int()", z.number().int().min(0), "z.int32() or z.int64()"],
    ["z.int()", z.int(), "z.int32() or z.int64()"],
    ["z.uint32()", z.uint32(), "z.int32() or z.int64()"],
    ["z.uint64()", z.uint64(), "z.int64()"],
  ] as const).map(([type, field, advice]): [string, () => void, string] => [
    `the type ${type}`,
    define({ fields: z.object({ n: field }) }),
    `Cannot define exposure.n: ${type} has no column type; use ${advice}`,
  ]),
  ...([
    ["unique[0]", { unique: [["idd"]] }],
    ["indexes[1].fields", {
      indexes: [{ fields: ["id"] }, { fields: ["idd"] }],
    }],
    ["indexes[0].include", {
      indexes: [{ fields: ["mag"], include: ["idd"] }],
    }],
    [
      "foreignKeys[0].fields",
      {
        foreignKeys: [{
          fields: ["idd"],
          references: { table: "star", fields: ["id"] },
        }],
      },
    ],
    [
      "relations.star.on",
      {
        relations: { star: { kind: "one", model: "star", on: { idd: "id" } } },
      },
    ],
  ] as const).map(([path, options]): [string, () => void, string] => [
    `an unknown field in ${path}`,
    define({ fields, primaryKey: ["id"], ...options }),
    `Cannot define exposure: ${path} names "idd", which is not a field; did you mean id?`,
  ]),
  [
    "a field with a reserved name",
    define({ fields: z.object({ or: z.int32() }) }),
    'Cannot define exposure: "or" is reserved in filters; rename the field and keep the column\'s name with meta({ column: "or" })',
  ],
  [
    "a key that is not an array",
    define({ fields, primaryKey: "id" }),
    'Cannot define exposure: primaryKey must be an array of field names, like ["oid"]; got "id"',
  ],
  [
    "a misspelled option",
    define({ fields, index: [{ fields: ["id"] }] }),
    "Cannot define exposure: index is not an option; did you mean indexes?",
  ],
  [
    "an unknown option",
    define({ fields, engine: "x" }),
    "Cannot define exposure: engine is not an option; the options are table, renamedFrom, label, fields, primaryKey, primaryKeyName, unique, foreignKeys, indexes, checks, relations, partitionBy, seed, spatial, mongo",
  ],
  [
    "a foreign key to a string",
    define({ fields, foreignKeys: [{ fields: ["id"], references: "object" }] }),
    'Cannot define exposure: foreignKeys[0].references must be a table and its fields, like { table: "object", fields: ["oid"] }; got "object"',
  ],
  [
    "a foreign key without fields",
    define({
      fields,
      foreignKeys: [{ references: { table: "object", fields: ["oid"] } }],
    }),
    'Cannot define exposure: foreignKeys[0] has no fields; it must be a foreign key like { fields: ["oid"], references: { table: "object", fields: ["oid"] } }',
  ],
  [
    "a foreign key of one field to two fields",
    define({
      fields,
      foreignKeys: [{
        fields: ["id"],
        references: { table: "object", fields: ["oid", "sid"] },
      }],
    }),
    "Cannot define exposure: the foreign key (id) must reference as many fields as it has, but it references 2 of object",
  ],
  [
    "a check without a name",
    define({ fields, checks: ["id > 0"] }),
    'Cannot define exposure: checks[0] must be a check with a name, like { name: "mag_is_positive", sql: "mag > 0" }; got "id > 0"',
  ],
  [
    "a field name as an index",
    define({ fields, indexes: ["id"] }),
    'Cannot define exposure: indexes[0] must be an index like { fields: ["mjd"] }; got "id"',
  ],
  [
    "one index in place of an array",
    define({ fields, indexes: { fields: ["id"] } }),
    'Cannot define exposure: indexes must be an array like [{ fields: ["mjd"] }]; got an object',
  ],
  [
    "a misspelled index method",
    define({ fields, indexes: [{ fields: ["id"], using: "b-tree" }] }),
    'Cannot define exposure: indexes[0].using must be one of "btree", "hash", "gin", "gist", "brin"; got "b-tree"',
  ],
  [
    "an unknown order of an index part",
    define({ fields, indexes: [{ fields: [{ field: "id", order: "down" }] }] }),
    'Cannot define exposure: indexes[0].fields[0].order must be one of "asc", "desc"; got "down"',
  ],
  [
    "an operator class with SQL in it",
    define({
      fields,
      indexes: [{
        fields: [{ field: "id", opclass: "int4_ops) where (id > 0" }],
      }],
    }),
    'Cannot define exposure: indexes[0].fields[0].opclass must be the name of an operator class, like "gin_trgm_ops"; got "int4_ops) where (id > 0"',
  ],
  [
    "one key in place of an array of keys",
    define({ fields, unique: ["id"] }),
    'Cannot define exposure: unique[0] must be an array of field names, like ["oid"]; got "id"',
  ],
  [
    "an unknown kind of relation",
    define({
      fields,
      relations: { sky: { kind: "some", model: "sky", on: { id: "id" } } },
    }),
    'Cannot define exposure: relations.sky.kind must be one of "one", "many"; got "some"',
  ],
  [
    "zero partitions",
    define({ fields, partitionBy: { hash: "id", partitions: 0 } }),
    "Cannot define exposure: partitionBy.partitions must be a whole number, 1 or greater, like 16; got 0",
  ],
  [
    "a unique key without the partition field",
    define({
      fields,
      primaryKey: ["id"],
      unique: [["mag"]],
      partitionBy: { hash: "id", partitions: 2 },
    }),
    "Cannot define exposure: the table is partitioned by id, but the unique key (mag) does not contain it; add id to that key",
  ],
  [
    "a primary key without the partition field",
    define({
      fields,
      primaryKey: ["mag"],
      partitionBy: { hash: "id", partitions: 2 },
    }),
    "Cannot define exposure: the table is partitioned by id, but the primary key (mag) does not contain it; add id to that key",
  ],
  [
    "a unique index without the partition field",
    define({
      fields,
      primaryKey: ["id"],
      indexes: [{ fields: ["mag"], unique: true }],
      partitionBy: { hash: "id", partitions: 2 },
    }),
    "Cannot define exposure: the table is partitioned by id, but the unique index (mag) does not contain it; add id to that key",
  ],
  [
    "an unknown option of documents",
    define({ fields, mongo: { _id: "id" } }),
    "Cannot define exposure: mongo._id is not an option; did you mean id?",
  ],
  [
    "a zod object in place of the options",
    define(fields),
    "Cannot define exposure: the second argument must be { fields: z.object({ … }) }, not the z.object alone",
  ],
  [
    "no options",
    define(undefined),
    "Cannot define exposure: the second argument must be the options of the model, like { fields: z.object({ oid: z.string() }) }; got undefined",
  ],
  [
    "no fields",
    define({ primaryKey: ["id"] }),
    "Cannot define exposure: the second argument has no fields; it must be the options of the model, like { fields: z.object({ oid: z.string() }) }",
  ],
  [
    "no name",
    define({ fields }, { fields }),
    'Cannot define a model: the first argument must be its name, like defineModel("detection", { … }); got an object',
  ],
];

for (const [what, mistake, message] of MISTAKES) {
  Deno.test(`defineModel rejects ${what}`, () => {
    assert.throws(mistake, (error) => {
      assert(error instanceof ModelError);
      assert.equal(error.message, message);
      return true;
    });
  });
}

const Telescope = defineModel("telescope", {
  fields: z.object({ id: z.int64() }),
  primaryKey: ["id"],
});

function exposureOf(table: string, field: string) {
  return defineModel("exposure", {
    fields,
    primaryKey: ["id"],
    foreignKeys: [{ fields: ["id"], references: { table, fields: [field] } }],
  });
}

const UNKNOWN_REFERENCES: readonly (readonly [string, string, string])[] = [
  [
    "telescop",
    "id",
    "Cannot create the tables of the models: the foreign key of exposure.id refers to telescop, which is neither a table of these models nor a table of the connection's schema; did you mean telescope?",
  ],
  [
    "telescope",
    "idd",
    "Cannot create the tables of the models: the foreign key of exposure.id refers to telescope.idd, which is not a field; did you mean id?",
  ],
];

for (const places of ON_SQL) {
  for (const [table, field, message] of UNKNOWN_REFERENCES) {
    Deno.test({
      name:
        `${places.name}: createDb and plan reject a foreign key to ${table}.${field}`,
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        const place = await places.place();
        try {
          const db = await place.open([Telescope, exposureOf(table, field)]);
          const refused = (error: unknown): boolean => {
            assert(error instanceof ModelError);
            assert.equal(error.message, message);
            return true;
          };
          await assert.rejects(db.createDb(), refused);
          await assert.rejects(
            db.migrations().plan({ intent: NO_INTENT, managed: [] }),
            refused,
          );
        } finally {
          await place.close();
        }
      },
    });
  }

  Deno.test({
    name:
      `${places.name}: createDb creates a foreign key to an existing table without a model`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const place = await places.place();
      try {
        await place.run("create table telescop (id bigint primary key)");
        const db = await place.open([exposureOf("telescop", "id")]);
        await db.createDb();
        const { changes } = await db.migrations().plan({
          intent: NO_INTENT,
          managed: [],
        });
        assert.deepEqual(changes, []);
      } finally {
        await place.close();
      }
    },
  });
}

Deno.test("keys of zod and of other programs are allowed in meta", () => {
  const meta = {
    ...{ id: "exposure-id", title: "Identifier", deprecated: true },
    ...{ examples: [1n], name: "id", type: "integer", min: 0, ui: "hidden" },
    ...{ description: "Identifier", unit: "s", column: "exposure_id" },
  };
  define({ fields: z.object({ id: z.int64().meta(meta) }) })();
});
