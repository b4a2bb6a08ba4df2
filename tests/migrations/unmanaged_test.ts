// Objects beside the models are reported and never changed; changes of managed objects are noticed.
import { type Connection, defineModel } from "@alerce/db-plugins";
import { drift, makeMigrations, migrate } from "@alerce/db-plugins/migrate";
import type { DriftReport } from "../../src/migrations/report/reports.ts";
import assert from "node:assert/strict";
import { z } from "zod";
import { type TestFolder, testFolder } from "../support/migrations_folder.ts";
import { Place } from "../support/mongo_migrating.ts";
import { mongoSettings } from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";
import { EVERY_SQL } from "../support/plan_database.ts";

const fields = z.object({
  id: z.int64(),
  mag: z.float64().nullable(),
});

const Star = defineModel("star", {
  fields,
  primaryKey: ["id"],
  indexes: [{ fields: ["mag"] }],
});

/** The same model, later: it also defines an index that a person created manually. */
const Later = defineModel("star", {
  fields,
  primaryKey: ["id"],
  indexes: [{ fields: ["mag"] }, { fields: ["mag", "id"], name: "own" }],
});

async function applied(db: Connection, folder: TestFolder): Promise<string> {
  const { files } = await makeMigrations(db, folder);
  await migrate(db, folder);
  return files?.id ?? "";
}

/** Returns the main fields of a drift report. */
function short(
  { changed, differences, unmanaged, exitCode }: DriftReport,
): unknown {
  return { changed, differences, unmanaged, exitCode };
}

const NONE = { changed: false, differences: [], exitCode: 0 };

for (const places of EVERY_SQL) {
  Deno.test({
    name:
      `${places.name}: drift compares managed objects, and reports the others`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using folder = await testFolder("sql");
      const place = await places.place();
      try {
        const db = await place.open([Star]);
        const id = await applied(db, folder);
        assert.deepEqual(short(await drift(db)), { ...NONE, unmanaged: [] });

        await place.run(
          "alter table star add column seen date not null default now()",
        );
        await place.run(
          "alter table star add constraint bright check (mag > 0)",
        );
        await place.run("create index own on star (mag, id)");
        await place.run("create table notes (id int)");
        const beside = ["notes", "star.seen", "star#bright", "star#own"];
        assert.deepEqual(short(await drift(db)), {
          ...NONE,
          unmanaged: beside,
        });
        const same = await makeMigrations(db, folder);
        assert.deepEqual(
          [same.files, same.changedSince, same.unmanaged],
          [undefined, undefined, beside],
        );

        // A later model for an existing object does not count as a change.
        const later = await place.open([Later]);
        assert.deepEqual(short(await drift(later)), {
          ...NONE,
          unmanaged: beside.slice(0, -1),
        });

        await place.run("drop index ix_star_mag");
        assert.deepEqual(short(await drift(db)), {
          changed: true,
          differences: [
            "add the index ix_star_mag on star USING btree (mag)",
          ],
          unmanaged: beside,
          exitCode: 5,
        });
        const corrected = await makeMigrations(db, {
          ...folder,
          now: new Date(Date.now() + 1000),
        });
        assert.equal(corrected.changedSince, id);
        await migrate(db, folder);
        assert.deepEqual(short(await drift(db)), {
          ...NONE,
          unmanaged: beside,
        });

        await place.run("alter table star alter mag set default 1");
        const { changed, differences, exitCode } = await drift(db);
        assert.deepEqual([changed, exitCode], [true, 5]);
        assert.match(differences.join(), /star\.mag/);
      } finally {
        await place.close();
      }
    },
  });
}

Deno.test({
  name: "mongodb: drift compares managed objects, and reports the others",
  ignore: withoutMongo,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using folder = await testFolder("mongo");
    const settings = mongoSettings();
    const open = async (model: typeof Star): Promise<Place> => {
      const place = new Place({ models: [model] });
      await place.connect(settings);
      return place;
    };
    const place = await open(Star);
    const later = await open(Later);
    try {
      const id = await applied(place, folder);
      assert.deepEqual(short(await drift(place)), { ...NONE, unmanaged: [] });

      const stars = place.db.collection("star");
      const [{ options } = { options: undefined }] = await place.db
        .listCollections({ name: "star" }, { nameOnly: false }).toArray();
      const schema = options?.validator?.$jsonSchema;
      await place.db.command({
        collMod: "star",
        validator: {
          $jsonSchema: {
            ...schema,
            properties: {
              ...schema?.properties,
              seen: { bsonType: ["date", "null"] },
            },
          },
        },
      });
      await stars.createIndex({ mag: 1, id: 1 }, { name: "own" });
      await place.db.createCollection("notes");
      const beside = ["notes", "star#own", "star.seen"];
      assert.deepEqual(short(await drift(place)), {
        ...NONE,
        unmanaged: beside,
      });
      assert.deepEqual(short(await drift(later)), {
        ...NONE,
        unmanaged: ["notes", "star.seen"],
      });

      await stars.dropIndex("ix_star_mag");
      const { changed, differences, unmanaged, exitCode } = await drift(place);
      assert.deepEqual([changed, unmanaged, exitCode], [true, beside, 5]);
      assert.match(differences.join(), /^add the index .*mag.* of star$/);
      const corrected = await makeMigrations(place, {
        ...folder,
        now: new Date(Date.now() + 1000),
      });
      assert.equal(corrected.changedSince, id);
      await migrate(place, folder);
      assert.deepEqual(short(await drift(place)), {
        ...NONE,
        unmanaged: beside,
      });
    } finally {
      await place.db.dropDatabase();
      await place.close();
      await later.close();
    }
  },
});
