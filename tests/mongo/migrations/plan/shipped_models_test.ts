// Databases of the shipped models need no migration, and a baseline starts their history.
import type { AnyModel } from "@alerce/db-plugins";
import { ALERCE_MODELS } from "@alerce/db-plugins/models";
import { ALERCE_DOCUMENTS } from "@alerce/db-plugins/models/mongo";
import {
  baseline,
  check,
  drift,
  makeMigrations,
  migrate,
  rollback,
} from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { catalog, mongoTest } from "../../../support/mongo_migrating.ts";

const SHIPPED: readonly (readonly [string, readonly AnyModel[]])[] = [
  ["the three of documents", ALERCE_DOCUMENTS],
  ["the seventeen of tables", ALERCE_MODELS],
];

for (const [name, models] of SHIPPED) {
  mongoTest(
    `${name}: a migration creates the same collections as createDb, and is rolled back`,
    async ({ directory, open, elsewhere }) => {
      const place = await open(models);
      const { files } = await makeMigrations(place, { directory });
      assert.match(files?.upText ?? "", /^\[\n {2}\{\n {4}"create": /);
      await migrate(place, { directory });
      const direct = await elsewhere(models);
      await direct.createDb({ verify: true });
      assert.deepEqual(await catalog(place.db), await catalog(direct.db));
      const again = await makeMigrations(place, { directory });
      assert.deepEqual([again.files, again.unmanaged], [undefined, []]);
      assert.equal((await check(place, { directory })).exitCode, 0);
      await place.db.collection(models[0]?.table ?? "").createIndex({ x: 1 });
      assert.equal((await drift(place)).exitCode, 0);
      await place.db.command({
        collMod: models[0]?.table,
        validationAction: "warn",
      });
      assert.equal((await drift(place)).exitCode, 5);
      await rollback(place, { directory });
      assert.deepEqual(await catalog(place.db), {});
    },
  );

  mongoTest(
    `${name}: a baseline starts the history of a database of createDb`,
    async ({ directory, open }) => {
      const place = await open(models);
      await place.createDb();
      const before = await catalog(place.db);
      await baseline(place, { directory });
      assert.deepEqual(await catalog(place.db), before);
      const { files, unmanaged } = await makeMigrations(place, { directory });
      assert.deepEqual([files, unmanaged], [undefined, []]);
      assert.equal((await check(place, { directory })).exitCode, 0);
      const dropped = await place.dropDb();
      assert.deepEqual(dropped.slice(-2), [
        "dbp_migrations",
        "dbp_migrations_lock",
      ]);
      assert.deepEqual(await place.db.listCollections().toArray(), []);
    },
  );
}
