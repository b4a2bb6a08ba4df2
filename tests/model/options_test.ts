// What defineModel and createDb say to those whom no compiler stops: each mistake is named with what is right.
import { defineModel, ModelError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { NO_INTENT, ON_SQL } from "../support/plan_database.ts";

const fields = z.object({ id: z.int64(), mag: z.float64() });

/** A call that the compiler would refuse. */
function define(options: unknown, name: unknown = "exposure"): () => void {
  return () => Reflect.apply(defineModel, undefined, [name, options]);
}

const MISTAKES: readonly (readonly [string, () => void, string])[] = [
  [
    "a key that is no list",
    define({ fields, primaryKey: "id" }),
    'Cannot define exposure: primaryKey takes a list of field names, as ["oid"]; it is "id"',
  ],
  [
    "an option that is almost right",
    define({ fields, index: [{ fields: ["id"] }] }),
    "Cannot define exposure: index is not an option; did you mean indexes?",
  ],
  [
    "an option like no other",
    define({ fields, engine: "x" }),
    "Cannot define exposure: engine is not an option; there are table, renamedFrom, label, fields, primaryKey, unique, foreignKeys, indexes, checks, relations, partitionBy, seed, mongo",
  ],
  [
    "a foreign key to a word",
    define({ fields, foreignKeys: [{ fields: ["id"], references: "object" }] }),
    'Cannot define exposure: foreignKeys[0].references takes a table and its fields, as { table: "object", fields: ["oid"] }; it is "object"',
  ],
  [
    "a foreign key without fields",
    define({
      fields,
      foreignKeys: [{ references: { table: "object", fields: ["oid"] } }],
    }),
    'Cannot define exposure: foreignKeys[0] lacks fields; it takes a foreign key, as { fields: ["oid"], references: { table: "object", fields: ["oid"] } }',
  ],
  [
    "a foreign key of one field to two",
    define({
      fields,
      foreignKeys: [{
        fields: ["id"],
        references: { table: "object", fields: ["oid", "sid"] },
      }],
    }),
    "Cannot define exposure: the foreign key of id has as many fields as it refers to, and object is given 2",
  ],
  [
    "a rule without a name",
    define({ fields, checks: ["id > 0"] }),
    'Cannot define exposure: checks[0] takes a rule with its name, as { name: "mag_is_positive", sql: "mag > 0" }; it is "id > 0"',
  ],
  [
    "an index that is a field",
    define({ fields, indexes: ["id"] }),
    'Cannot define exposure: indexes[0] takes an index, as { fields: ["mjd"] }; it is "id"',
  ],
  [
    "indexes that are one",
    define({ fields, indexes: { fields: ["id"] } }),
    'Cannot define exposure: indexes takes a list, as [{ fields: ["mjd"] }]; it is an object',
  ],
  [
    "a method that is almost right",
    define({ fields, indexes: [{ fields: ["id"], using: "b-tree" }] }),
    'Cannot define exposure: indexes[0].using takes one of "btree", "hash", "gin", "gist", "brin"; it is "b-tree"',
  ],
  [
    "an order of an index's part",
    define({ fields, indexes: [{ fields: [{ field: "id", order: "down" }] }] }),
    'Cannot define exposure: indexes[0].fields[0].order takes one of "asc", "desc"; it is "down"',
  ],
  [
    "an operator class that is more than a name",
    define({
      fields,
      indexes: [{
        fields: [{ field: "id", opclass: "int4_ops) where (id > 0" }],
      }],
    }),
    'Cannot define exposure: indexes[0].fields[0].opclass takes the name of an operator class, as "gin_trgm_ops"; it is "int4_ops) where (id > 0"',
  ],
  [
    "keys that are one",
    define({ fields, unique: ["id"] }),
    'Cannot define exposure: unique[0] takes a list of field names, as ["oid"]; it is "id"',
  ],
  [
    "a relation's kind",
    define({
      fields,
      relations: { sky: { kind: "some", model: "sky", on: { id: "id" } } },
    }),
    'Cannot define exposure: relations.sky.kind takes one of "one", "many"; it is "some"',
  ],
  [
    "no partitions",
    define({ fields, partitionBy: { hash: "id", partitions: 0 } }),
    "Cannot define exposure: partitionBy.partitions takes a whole number from 1, as 16; it is 0",
  ],
  [
    "a unique key that leaves out what the table is split by",
    define({
      fields,
      primaryKey: ["id"],
      unique: [["mag"]],
      partitionBy: { hash: "id", partitions: 2 },
    }),
    "Cannot define exposure: it is split by id, and unique has a unique key without it: (mag); add id to that key",
  ],
  [
    "a primary key that does",
    define({
      fields,
      primaryKey: ["mag"],
      partitionBy: { hash: "id", partitions: 2 },
    }),
    "Cannot define exposure: it is split by id, and primaryKey has a unique key without it: (mag); add id to that key",
  ],
  [
    "a unique index that does",
    define({
      fields,
      primaryKey: ["id"],
      indexes: [{ fields: ["mag"], unique: true }],
      partitionBy: { hash: "id", partitions: 2 },
    }),
    "Cannot define exposure: it is split by id, and indexes has a unique key without it: (mag); add id to that key",
  ],
  [
    "an option of documents",
    define({ fields, mongo: { _id: "id" } }),
    "Cannot define exposure: mongo._id is not an option; did you mean id?",
  ],
  [
    "a schema alone",
    define(fields),
    "Cannot define exposure: the second argument takes { fields: z.object({ … }) }, not the z.object alone",
  ],
  [
    "no options",
    define(undefined),
    "Cannot define exposure: the second argument takes what there is to say of a model, as { fields: z.object({ oid: z.string() }) }; it is undefined",
  ],
  [
    "no fields",
    define({ primaryKey: ["id"] }),
    "Cannot define exposure: the second argument lacks fields; it takes what there is to say of a model, as { fields: z.object({ oid: z.string() }) }",
  ],
  [
    "no name",
    define({ fields }, { fields }),
    'Cannot define a model: its name comes first, as defineModel("detection", { … }); it is an object',
  ],
];

for (const [what, mistake, message] of MISTAKES) {
  Deno.test(`a model with ${what} is refused in words`, () => {
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

const LOST: readonly (readonly [string, string, string])[] = [
  [
    "telescop",
    "id",
    "Cannot make the models' tables: the foreign key of exposure.id refers to the table telescop, which no model of this connection has, nor has the database; did you mean telescope?",
  ],
  [
    "telescope",
    "idd",
    "Cannot make the models' tables: the foreign key of exposure.id refers to telescope.idd, which is not a field; did you mean id?",
  ],
];

for (const places of ON_SQL) {
  for (const [table, field, message] of LOST) {
    Deno.test({
      name:
        `${places.name}: a foreign key to ${table}.${field} is refused by name`,
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
      `${places.name}: a foreign key to a table that no model has and that is there is made`,
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
