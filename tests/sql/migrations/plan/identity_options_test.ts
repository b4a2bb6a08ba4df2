// The start and the increment of an identity are created, compared and migrated.
import { defineModel, identity } from "@alerce/db-plugins";
import {
  baseline,
  drift,
  makeMigrations,
  migrate,
  rollback,
} from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../../support/connected.ts";
import { testFolder } from "../../../support/migrations_folder.ts";
import { NEWEST_SQL } from "../../../support/plan_database.ts";

const job = (options: Parameters<typeof identity>[1]) =>
  defineModel("job", {
    fields: z.object({ id: identity(z.int64(), options), name: z.string() }),
    primaryKey: ["id"],
  });
const PLAIN = job({ always: true });
const STEPPED = job({ always: true, start: 1000, increment: 10n });

for (const engine of NEWEST_SQL) {
  test(`${engine.name}: an identity has a start and an increment`, async () => {
    await using folder = await testFolder("sql");
    const { directory } = folder;
    const place = await engine.place();
    const fresh = await engine.place();
    try {
      const created = await fresh.open([STEPPED]);
      await created.createDb();
      await created.createDb({ verify: true });
      const jobs = created.query(STEPPED);
      for (const id of [1000n, 1010n]) {
        assert.equal((await jobs.insert({ name: "a" })).id, id);
      }
      await baseline(await place.open([PLAIN]), { directory });
      const db = await place.open([STEPPED]);
      assert.equal((await drift(db)).differences.length, 1);
      const { files } = await makeMigrations(db, { directory });
      assert.match(
        files?.upText ?? "",
        /SET INCREMENT BY 10,? SET START WITH 1000/,
      );
      await migrate(db, { directory });
      assert.deepEqual((await makeMigrations(db, { directory })).changes, []);
      assert.deepEqual((await drift(db)).differences, []);
      await rollback(db, { directory });
      const before = await place.open([PLAIN]);
      assert.deepEqual((await drift(before)).differences, []);
    } finally {
      await place.close();
      await fresh.close();
    }
  });
}
