// Foreign keys and indexes of partitioned tables.
import type { AnyModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../../support/connected.ts";
import { model, type Options } from "../../../support/plan_cases.ts";
import { oracle } from "../../../support/plan_oracle.ts";
import {
  NEWEST_SQL,
  onServer15,
  SERVERS,
} from "../../../support/plan_database.ts";

const u = model("u", {}, { primaryKey: ["id"] });
const t = (options: Options = {}): AnyModel =>
  model("t", { u_id: z.int32().nullable() }, {
    primaryKey: ["id"],
    partitionBy: { hash: "id", partitions: 2 },
    ...options,
  });
const referring = t({
  foreignKeys: [{
    fields: ["u_id"],
    references: { table: "u", fields: ["id"] },
  }],
});

for (const engine of new Set([...NEWEST_SQL, ...SERVERS])) {
  test(`${engine.name}: the foreign key of a partitioned table is dropped and restored`, async () => {
    const { plan, downText } = await oracle(engine, [u, referring], [u, t()], {
      rows: [
        "INSERT INTO u (id) VALUES (1)",
        "INSERT INTO t (id, u_id) VALUES (1, 1), (2, NULL)",
      ],
    });
    assert.deepEqual(plan.up.requires, []);
    if (engine === onServer15) {
      assert.deepEqual(plan.down.requires, []);
      assert.match(
        downText,
        /dbp:ignore add-foreign-key-valid[\s\S]*Nobody can write to t or u[\s\S]*ADD CONSTRAINT \S+ FOREIGN KEY \(u_id\) REFERENCES u\(id\);/,
      );
    } else {
      assert.deepEqual(plan.down.requires, ["pg>=18"]);
      assert.match(downText, /NOT VALID;[\s\S]*VALIDATE CONSTRAINT/);
    }
  });

  test(`${engine.name}: an index of a partitioned table changes up, down and up again`, async () => {
    const indexed = (...fields: string[]): AnyModel[] => [
      t({ indexes: [{ fields, name: "i" }] }),
    ];
    await oracle(engine, indexed("u_id"), indexed("u_id", "id"), {
      rows: ["INSERT INTO t (id, u_id) VALUES (1, 1), (2, NULL)"],
    });
  });
}
