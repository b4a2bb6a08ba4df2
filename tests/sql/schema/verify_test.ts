// createDb({ verify }) and make_migrations find the same differences.
import { type AnyModel, SchemaError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../support/connected.ts";
import { model } from "../../support/plan_cases.ts";
import { embedded, NO_INTENT } from "../../support/plan_database.ts";

const id = z.int32();
const MODELS: readonly AnyModel[] = [
  model("star", { mag: z.float64().nullable() }, { primaryKey: ["id"] }),
  model("night", {
    seen: z.date().meta({ sqlDefault: "now()" }),
    star: id.nullable(),
    kind: z.string().nullable(),
  }, {
    primaryKey: ["id"],
    unique: [["kind"]],
    indexes: [{ fields: ["seen"] }],
    checks: [{ name: "positive", sql: "id > 0" }],
    foreignKeys: [{
      fields: ["star"],
      references: { table: "star", fields: ["id"] },
    }],
  }),
];

for (
  const [statement, expected] of [
    ["alter table night alter seen set default CURRENT_TIMESTAMP", []],
    ["alter table night rename constraint night_kind_key to theirs", []],
    ["alter index ix_night_seen set (fillfactor = 70)", []],
    ["create index theirs on night (kind)", []],
    ["comment on column night.kind is 'theirs'", []],
    ["alter table night add constraint theirs check (id < 9) not valid", []],
    [
      "alter table night alter constraint night_star_fkey deferrable",
      [
        "the constraint night_star_fkey on night is FOREIGN KEY (star) REFERENCES star(id) DEFERRABLE, the model has FOREIGN KEY (star) REFERENCES star(id)",
      ],
    ],
    [
      'alter table night alter kind type character varying collate "C"',
      [],
    ],
    [
      "drop index ix_night_seen",
      ["the index ix_night_seen on night USING btree (seen) is missing"],
    ],
    [
      "alter table night alter kind set not null",
      ["night.kind is NOT NULL, the model has nullable"],
    ],
    [
      "alter table night drop constraint positive",
      ["the constraint positive on night CHECK (id > 0) is missing"],
    ],
    [
      "alter table star add note text",
      ["the column star.note (text) is not in the models"],
    ],
    [
      "alter table star drop constraint star_pkey cascade",
      [
        "the constraint night_star_fkey on night FOREIGN KEY (star) REFERENCES star(id) is missing",
        "the constraint star_pkey on star PRIMARY KEY (id) is missing",
      ],
    ],
  ] as const
) {
  test(`createDb verifies tables after: ${statement}`, async () => {
    const place = await embedded.place();
    try {
      const db = await place.open(MODELS);
      await db.createDb();
      await place.run(statement);
      const differences = await db.createDb({ verify: true }).then(
        () => [],
        (error) => {
          assert(error instanceof SchemaError, String(error));
          return [...error.differences];
        },
      );
      assert.deepEqual(differences, expected);
      const { changes } = await db.migrations().plan({
        intent: NO_INTENT,
        managed: [],
      });
      const added = expected.filter((text) => !text.endsWith("in the models"));
      const compared = changes.filter((text) => !/comment/.test(text));
      assert.equal(compared.length, added.length, compared.join("\n"));
    } finally {
      await place.close();
    }
  });
}
