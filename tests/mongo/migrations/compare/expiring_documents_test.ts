// TTL indexes and capped collections, which no model describes, are reported and not changed silently.
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

/** The refusals of a plan. */
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

/** Runs the sketch of a refusal. */
async function runSketch(
  place: Place,
  { directory }: Migrated,
  message: string,
): Promise<void> {
  const [, sketch = ""] = message.split("from this:\n");
  const { files } = await makeMigrations(place, { directory, empty: true });
  await Deno.writeTextFile(files?.up ?? "", `[${sketch}]`);
  await Deno.writeTextFile(
    files?.down ?? "",
    '[{"dbp":"irreversible written manually"}]',
  );
  await migrate(place, { directory });
  const { files: left, changes } = await makeMigrations(place, { directory });
  assert.deepEqual([left, changes], [undefined, []]);
  assert.equal((await drift(place, { directory })).exitCode, 0);
}

/** The TTL of each index. */
async function lives({ db }: Place): Promise<Record<string, unknown>> {
  const indexes = await db.collection("star").listIndexes().toArray();
  return Object.fromEntries(
    indexes.filter(({ name }) => name !== "_id_").map((
      { name, expireAfterSeconds },
    ) => [name, expireAfterSeconds]),
  );
}

mongoTest(
  "an index of a model with a TTL is reported by make_migrations, drift and check, and its sketch removes the TTL",
  async (given) => {
    const { directory, open } = given;
    const place = await open([star()]);
    await makeMigrations(place, { directory });
    await migrate(place, { directory });
    await place.db.command({
      collMod: "star",
      index: { name: "ix_star_seen", expireAfterSeconds: 3600 },
    });
    const pattern =
      /remove the TTL of .*which deletes documents 3600 s after their seen/;
    const before = await lives(place);
    assert.deepEqual(before, { ix_star_seen: 3600, star_pkey: undefined });
    const { exitCode, differences } = await drift(place, { directory });
    assert.equal(exitCode, 5);
    assert.match(differences.join(), pattern);
    const { problems } = await check(place, { directory });
    assert.match(problems.map(({ problem }) => problem).join(), pattern);
    await assert.rejects(
      makeMigrations(place, { directory, check: true }),
      /a TTL index, which deletes documents 3600 s/,
    );
    const message = await refusal(place, { directory });
    assert.match(
      message,
      /\(a TTL index, which deletes documents 3600 s after their seen\) of star/,
    );
    assert.match(
      message,
      /create an index for it that no model has, as \{ seen: -1 \}/,
    );
    // The same with an unrelated change.
    const other = await open([star("seen", {
      indexes: [{ fields: ["seen"] }, { fields: ["id", "seen"] }],
    })]);
    await refusal(other, { directory });
    assert.deepEqual(await lives(place), before);
    await runSketch(place, given, message);
    assert.deepEqual(await lives(place), {
      ix_star_seen: undefined,
      star_pkey: undefined,
    });
    // An index of its own keeps the TTL.
    await place.db.collection("star").createIndex({ seen: -1 }, {
      name: "hour",
      expireAfterSeconds: 3600,
    });
    const { files, unmanaged } = await makeMigrations(place, { directory });
    assert.deepEqual([files, unmanaged], [undefined, [
      "star#hour (a TTL index, which deletes documents 3600 s after their seen)",
    ]]);
    const later = await drift(place, { directory });
    assert.deepEqual([later.exitCode, later.unmanaged], [0, unmanaged]);
  },
);

mongoTest(
  "a TTL index with the keys of a wanted index is refused, also if its field is renamed; a dropped one is reported",
  async ({ directory, open }) => {
    const place = await open([star()]);
    await place.db.collection("star").createIndex({ seen: 1 }, {
      name: "theirs",
      expireAfterSeconds: 60,
    });
    assert.match(
      await refusal(place, { directory }),
      /the TTL of the index theirs \{ seen: 1 \} \(a TTL index, which deletes documents 60 s/,
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
      /ix_star_seen \{ seen: 1 \} \(a TTL index, which deletes documents 60 s/,
    );
    const without = await open([star("seen", {})]);
    const { changes } = await makeMigrations(without, { directory });
    assert.deepEqual(changes, [
      "drop the index ix_star_seen { seen: 1 } (a TTL index, which deletes documents 60 s after their seen) of star",
    ]);
    await migrate(without, { directory });
    assert.deepEqual(await lives(place), { star_pkey: undefined });
    await rollback(without, { directory });
    assert.equal((await lives(place)).ix_star_seen, 60);
  },
);

mongoTest(
  "a capped collection is refused and reported as drift, and its sketch makes it an ordinary one",
  async (given) => {
    const { directory, open } = given;
    const place = await open([star()]);
    await place.db.createCollection("star", { capped: true, size: 4096 });
    await place.db.collection("star").insertOne({ id: 1n });
    const pattern =
      /make star an ordinary collection: it is capped, so that it deletes its oldest documents/;
    assert.match((await drift(place)).differences.join(), pattern);
    const message = await refusal(place, { directory });
    assert.match(message, pattern);
    const [, sketch = ""] = message.split("from this:\n");
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
  "a clustered collection with a TTL is refused, and its sketch removes the TTL",
  async (given) => {
    const { directory, open } = given;
    const place = await open([star()]);
    await place.db.createCollection("star", {
      clusteredIndex: { key: { _id: 1 }, unique: true },
      expireAfterSeconds: 3600,
    });
    const pattern =
      /remove the TTL of star, which deletes documents 3600 s after their _id/;
    assert.match((await drift(place)).differences.join(), pattern);
    const message = await refusal(place, { directory });
    assert.match(message, pattern);
    const [, sketch = ""] = message.split("from this:\n");
    const { files } = await makeMigrations(place, { directory, empty: true });
    await Deno.writeTextFile(files?.up ?? "", `[${sketch}]`);
    await migrate(place, { directory });
    await makeMigrations(place, { directory });
    await migrate(place, { directory });
    assert.equal((await drift(place, { directory })).exitCode, 0);
  },
);
