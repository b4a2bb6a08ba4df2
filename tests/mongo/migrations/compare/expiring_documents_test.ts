// Documents that go by themselves, which no model says: told, and neither kept nor ended in silence.
import { type AnyModel, MigrationError } from "@alerce/db-plugins";
import {
  check,
  drift,
  makeMigrations,
  migrate,
  rollback,
} from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { z } from "zod";
import {
  type Migrated,
  modelOf,
  mongoTest,
  type Place,
} from "../../../support/mongo_migrating.ts";

const star = (
  seen = "seen",
  options: Parameters<typeof modelOf>[2] = { indexes: [{ fields: [seen] }] },
): AnyModel =>
  modelOf("star", { id: z.int64(), [seen]: z.date().nullable() }, {
    primaryKey: ["id"],
    ...options,
  });

/** What a plan is refused for. */
async function refusal(
  place: Place,
  options: Parameters<typeof makeMigrations>[1],
): Promise<string> {
  const error: unknown = await makeMigrations(place, options).then(
    () => undefined,
    (error) => error,
  );
  assert(error instanceof MigrationError, "it is refused");
  assert.equal(error.exitCode, 7);
  return error.message;
}

/** Does what a refusal's sketch says, as a person would. */
async function byHand(
  place: Place,
  { directory }: Migrated,
  said: string,
): Promise<void> {
  const [, sketch = ""] = said.split("from this:\n");
  const { files } = await makeMigrations(place, { directory, empty: true });
  await Deno.writeTextFile(files?.up ?? "", `[${sketch}]`);
  await Deno.writeTextFile(
    files?.down ?? "",
    '[{"dbp":"irreversible by hand"}]',
  );
  await migrate(place, { directory });
  const { files: left, changes } = await makeMigrations(place, { directory });
  assert.deepEqual([left, changes], [undefined, []]);
  assert.equal((await drift(place, { directory })).exitCode, 0);
}

/** The seconds of the indexes that there are. */
async function lives({ db }: Place): Promise<Record<string, unknown>> {
  const indexes = await db.collection("star").listIndexes().toArray();
  return Object.fromEntries(
    indexes.filter(({ name }) => name !== "_id_").map((
      { name, expireAfterSeconds },
    ) => [name, expireAfterSeconds]),
  );
}

mongoTest(
  "an index of a model that somebody made a TTL index is told by make_migrations, drift and check, and ended by hand",
  async (given) => {
    const { directory, open } = given;
    const place = await open([star()]);
    await makeMigrations(place, { directory });
    await migrate(place, { directory });
    await place.db.command({
      collMod: "star",
      index: { name: "ix_star_seen", expireAfterSeconds: 3600 },
    });
    const words =
      /TTL: documents go 3600 s after their seen, which its model does not say/;
    const there = await lives(place);
    assert.deepEqual(there, { ix_star_seen: 3600, star_pkey: undefined });
    const { exitCode, differences } = await drift(place, { directory });
    assert.equal(exitCode, 5);
    assert.match(differences.join(), words);
    const { problems } = await check(place, { directory });
    assert.match(problems.map(({ problem }) => problem).join(), words);
    await assert.rejects(
      makeMigrations(place, { directory, check: true }),
      /TTL: documents go 3600 s/,
    );
    const said = await refusal(place, { directory });
    assert.match(said, /\(TTL: documents go 3600 s after their seen\), which/);
    assert.match(
      said,
      /gives it an index that no model has, as \{ seen: -1 \}/,
    );
    // With a change that has nothing to do with it, too.
    const other = await open([star("seen", {
      indexes: [{ fields: ["seen"] }, { fields: ["id", "seen"] }],
    })]);
    await refusal(other, { directory });
    assert.deepEqual(await lives(place), there);
    await byHand(place, given, said);
    assert.deepEqual(await lives(place), {
      ix_star_seen: undefined,
      star_pkey: undefined,
    });
    // What was to go after an hour may still, by an index of its own.
    await place.db.collection("star").createIndex({ seen: -1 }, {
      name: "hour",
      expireAfterSeconds: 3600,
    });
    const { files, unmanaged } = await makeMigrations(place, { directory });
    assert.deepEqual([files, unmanaged], [undefined, [
      "star#hour (TTL: documents go 3600 s after their seen)",
    ]]);
    const later = await drift(place, { directory });
    assert.deepEqual([later.exitCode, later.unmanaged], [0, unmanaged]);
  },
);

mongoTest(
  "a TTL index in the place of a model's is refused whoever made it; one whose field is renamed too; one that goes says what it was",
  async ({ directory, open }) => {
    const place = await open([star()]);
    await place.db.collection("star").createIndex({ seen: 1 }, {
      name: "theirs",
      expireAfterSeconds: 60,
    });
    assert.match(
      await refusal(place, { directory }),
      /star has the index theirs \{ seen: 1 \} \(TTL: documents go 60 s/,
    );
    await place.db.dropCollection("star");
    await makeMigrations(place, { directory });
    await migrate(place, { directory });
    await place.db.command({
      collMod: "star",
      index: { name: "ix_star_seen", expireAfterSeconds: 60 },
    });
    const renamed = await open([star("at")]);
    assert.match(
      await refusal(renamed, {
        directory,
        renames: { "star.seen": "star.at" },
      }),
      /ix_star_seen \{ seen: 1 \} \(TTL: documents go 60 s/,
    );
    const without = await open([star("seen", {})]);
    const { changes } = await makeMigrations(without, { directory });
    assert.deepEqual(changes, [
      "star: the index ix_star_seen { seen: 1 } (TTL: documents go 60 s after their seen) goes",
    ]);
    await migrate(without, { directory });
    assert.deepEqual(await lives(place), { star_pkey: undefined });
    await rollback(without, { directory });
    assert.equal((await lives(place)).ix_star_seen, 60);
  },
);

mongoTest(
  "a capped collection is refused and told as drift, and can be made a plain one by hand",
  async (given) => {
    const { directory, open } = given;
    const place = await open([star()]);
    await place.db.createCollection("star", { capped: true, size: 4096 });
    await place.db.collection("star").insertOne({ id: 1n });
    const words =
      /star is a capped collection, whose oldest documents go by themselves/;
    assert.match((await drift(place)).differences.join(), words);
    const said = await refusal(place, { directory });
    assert.match(said, words);
    const [, sketch = ""] = said.split("from this:\n");
    const { files } = await makeMigrations(place, { directory, empty: true });
    await Deno.writeTextFile(files?.up ?? "", `[${sketch}]`);
    await migrate(place, { directory });
    await makeMigrations(place, { directory });
    await migrate(place, { directory });
    assert.equal((await drift(place, { directory })).exitCode, 0);
    assert.equal(await place.db.collection("star").countDocuments(), 1);
  },
);

mongoTest(
  "a collection on its own _id whose documents go by themselves is refused, and ended by hand",
  async (given) => {
    const { directory, open } = given;
    const place = await open([star()]);
    await place.db.createCollection("star", {
      clusteredIndex: { key: { _id: 1 }, unique: true },
      expireAfterSeconds: 3600,
    });
    const words = /star: TTL: documents go 3600 s after their _id/;
    assert.match((await drift(place)).differences.join(), words);
    const said = await refusal(place, { directory });
    assert.match(said, words);
    const [, sketch = ""] = said.split("from this:\n");
    const { files } = await makeMigrations(place, { directory, empty: true });
    await Deno.writeTextFile(files?.up ?? "", `[${sketch}]`);
    await migrate(place, { directory });
    await makeMigrations(place, { directory });
    await migrate(place, { directory });
    assert.equal((await drift(place, { directory })).exitCode, 0);
  },
);
