// What a run checks before and during its work: documents that break rules, duplicates, foreign objects.
import { type AnyModel, MigrationError } from "@alerce/db-plugins";
import {
  drift,
  makeMigrations,
  migrate,
  rollback,
} from "@alerce/db-plugins/migrate";
import { Int32 } from "mongodb";
import assert from "node:assert/strict";
import { z } from "zod";
import {
  catalog,
  modelOf,
  mongoTest,
} from "../../../support/mongo_migrating.ts";

const fields = {
  id: z.int64(),
  name: z.string(),
  mag: z.float64().nullable(),
};
const star = (
  more: Readonly<Record<string, z.ZodType>> = {},
  options: Parameters<typeof modelOf>[2] = {},
): AnyModel =>
  modelOf("star", { ...fields, ...more }, { primaryKey: ["id"], ...options });

mongoTest(
  "documents that break new rules stop a run before the rules are strict, and are counted and named",
  async ({ directory, open }) => {
    const first = await open([star()]);
    await makeMigrations(first, { directory });
    await migrate(first, { directory });
    const stars = first.db.collection("star");
    await stars.insertMany([
      { id: 1n, name: "Sirius", mag: -1.46, plx: "far" },
      { id: 2n, name: "Vega", mag: 0.03 },
      { id: 3n, name: "Mira", mag: null, plx: "farther" },
    ]);
    const place = await open([star({ plx: z.float64().nullable() })]);
    await makeMigrations(place, { directory });
    await assert.rejects(migrate(place, { directory }), (error) => {
      assert(error instanceof MigrationError);
      assert.match(
        error.message,
        /step 2 of 2: 2 documents of star would break the rules, for example id 1 \(plx\)\. Correct them/,
      );
      return true;
    });
    // Until they are corrected, the rules only log.
    await stars.insertOne({ id: 4n, name: "Algol", plx: "here" });
    const [info] = await first.db.listCollections({ name: "star" }).toArray();
    assert.match(JSON.stringify(info), /"moderate".*"warn"/);
    await stars.updateMany({ plx: { $type: "string" } }, {
      $set: { plx: 1.5 },
    });
    const { applied } = await migrate(place, { directory });
    assert.deepEqual(applied.map(({ steps }) => steps), [1]);
    await assert.rejects(
      stars.insertOne({ id: 5n, name: "x", plx: "y" }),
      /121|failed validation/,
    );
    await rollback(place, { directory });
    await stars.insertOne({ id: 5n, name: "x", plx: "y" });
  },
);

mongoTest(
  "files with the wrong result are refused by a proof, which leaves nothing",
  async ({ directory, open }) => {
    const db = await open([star()]);
    const { files } = await makeMigrations(db, { directory, dryRun: true });
    assert.ok(files);
    const target = db.migrations();
    const { parse } = target.dialect;
    const up = parse(files.upText, files.up);
    const down = parse(files.downText, files.down);
    const options = {
      intent: {
        renames: new Map(),
        drops: new Set<string>(),
        defaults: new Map(),
      },
      managed: [],
    };
    const bare = parse('[{ "create": "star" }]', files.up);
    const other = parse('[{ "create": "comet" }]', files.down);
    await target.prove(up, down, options);
    await assert.rejects(
      target.prove(bare, down, options),
      /does not make all changes/,
    );
    await assert.rejects(
      target.prove(up, other, options),
      /does not restore the original state of .*comet/,
    );
    assert.deepEqual(await db.db.listCollections().toArray(), []);
  },
);

mongoTest(
  "duplicate documents stop a run before an index is unique, and are named; new duplicates are refused meanwhile",
  async ({ directory, open }) => {
    const first = await open([star()]);
    await makeMigrations(first, { directory });
    await migrate(first, { directory });
    const stars = first.db.collection("star");
    await stars.insertMany([
      { id: 1n, name: "Mira", mag: 1 },
      { id: 2n, name: "Mira", mag: 2 },
      { id: 3n, name: "Vega", mag: 3 },
    ]);
    const place = await open([star({}, { unique: [["name"]] })]);
    await makeMigrations(place, { directory });
    await assert.rejects(
      migrate(place, { directory }),
      /star has 2 documents with name "Mira", so the index star_name_key \{ name: 1 \} unique cannot be built/,
    );
    await assert.rejects(stars.insertOne({ id: 4n, name: "Vega" }), /E11000/);
    await stars.deleteOne({ id: 2n });
    await migrate(place, { directory });
    assert.deepEqual((await makeMigrations(place, { directory })).changes, []);
  },
);

mongoTest(
  "a missing value must be given by a person, and a type that documents break is not changed automatically",
  async ({ directory, open }) => {
    const first = await open([star()]);
    await makeMigrations(first, { directory });
    await migrate(first, { directory });
    const empty = await open([star({ plx: z.float64() })]);
    const { changes } = await makeMigrations(empty, {
      directory,
      dryRun: true,
    });
    assert.deepEqual(changes, ["add the rule for star.plx (number)"]);
    await first.db.collection("star").insertMany([
      { id: 1n, name: "Sirius", mag: -1.46 },
      { id: 2n, name: "Vega", mag: 1 },
    ]);
    await assert.rejects(
      makeMigrations(empty, { directory }),
      /in star\.plx, which may not be null \(2 documents have none\).*--default star\.plx=VALUE/,
    );
    await assert.rejects(
      makeMigrations(empty, { directory, defaults: { "star.plx": "far" } }),
      /Cannot fill star\.plx: the value given with --default must be a number/,
    );
    await assert.rejects(
      makeMigrations(await open([star({ mag: z.int32().nullable() })]), {
        directory,
      }),
      (error) => {
        assert(error instanceof MigrationError);
        assert.equal(error.exitCode, 7);
        assert.match(
          error.message,
          /change star\.mag from number to int: 1 document has another type or value/,
        );
        assert.match(error.message, /"\$convert"/);
        return true;
      },
    );
  },
);

mongoTest(
  "the sketch for a value that an enum loses says which value becomes which, and runs",
  async ({ directory, open }) => {
    const bands = (...values: readonly string[]) =>
      open([star({ mag: z.enum(values).nullable() })]);
    const first = await bands("g", "r");
    await makeMigrations(first, { directory });
    await migrate(first, { directory });
    await first.db.collection("star").insertOne({
      ...{ _id: "1", id: 1n, name: "Mira", mag: "g" },
    } as object);
    const narrower = await bands("r");
    let sketch = "";
    await assert.rejects(makeMigrations(narrower, { directory }), (error) => {
      assert(error instanceof MigrationError);
      sketch = error.message.slice(error.message.indexOf("{"));
      return true;
    });
    assert.match(sketch, /"\$switch"/);
    const edited = sketch.replace("previous value", "g")
      .replace("new value", "r");
    const { files } = await makeMigrations(first, { directory, empty: true });
    assert(files !== undefined);
    await Deno.writeTextFile(files.up, `[${edited}]`);
    await migrate(first, { directory });
    const [mira] = await first.db.collection("star").find().toArray();
    assert.equal(mira?.mag, "r");
    await makeMigrations(narrower, { directory });
    await migrate(narrower, { directory });
  },
);

mongoTest(
  "a rename needs a person if documents have both fields",
  async ({ directory, open }) => {
    const first = await open([star()]);
    await makeMigrations(first, { directory });
    await migrate(first, { directory });
    await first.db.collection("star").insertOne(
      { id: 1n, name: "Mira", mag: 2, vmag: null },
      { bypassDocumentValidation: true },
    );
    const { mag, ...others } = fields;
    const place = await open([
      modelOf("star", { ...others, vmag: mag }, { primaryKey: ["id"] }),
    ]);
    const options = { directory, renames: { "star.mag": "star.vmag" } };
    await assert.rejects(makeMigrations(place, options), (error) => {
      assert(error instanceof MigrationError);
      assert.equal(error.exitCode, 7);
      assert.match(
        error.message,
        /rename star\.mag to vmag: 1 document has both.*drop-field star\.vmag/s,
      );
      return true;
    });
    await first.db.collection("star").updateOne({}, { $unset: { vmag: "" } });
    await makeMigrations(place, options);
    await migrate(place, { directory });
    const [mira] = await first.db.collection("star").find().toArray();
    assert.deepEqual([mira?.vmag, mira?.mag], [2, undefined]);
  },
);

mongoTest(
  "a possible rename is a question, and never guessed",
  async ({ directory, open }) => {
    const first = await open([star()]);
    await makeMigrations(first, { directory });
    await migrate(first, { directory });
    const { mag, ...others } = fields;
    const young = await open([
      modelOf("star", { ...others, vmag: mag }, { primaryKey: ["id"] }),
    ]);
    await assert.rejects(
      makeMigrations(young, { directory }),
      /Is star\.vmag the new name of the field star\.mag, .*--rename star\.mag=star\.vmag or --drop star\.mag/,
    );
    const named = await open([modelOf("sun", fields, { primaryKey: ["id"] })]);
    await assert.rejects(
      makeMigrations(named, { directory }),
      /--rename star=sun or --drop star/,
    );
    await assert.rejects(
      makeMigrations(young, {
        directory,
        renames: { "star.magg": "star.vmag" },
      }),
      /no field star\.magg; did you mean star\.mag\?/,
    );
    const { files } = await makeMigrations(young, {
      directory,
      renames: { "star.mag": "star.vmag" },
    });
    assert.match(files?.upText ?? "", /"\$unset": "mag"/);
  },
);

mongoTest(
  "foreign objects are reported and never changed",
  async ({ directory, open }) => {
    const first = await open([star()]);
    await makeMigrations(first, { directory });
    await migrate(first, { directory });
    const { db } = first;
    await db.createCollection("somebody_elses");
    await db.collection("star").createIndex({ mag: -1 }, { name: "theirs" });
    await db.collection("star").createIndex({ seen: 1 }, {
      name: "passing",
      expireAfterSeconds: 3600,
    });
    const [info] = await db.listCollections({ name: "star" }).toArray();
    const { validator } = info !== undefined && "options" in info
      ? info.options ?? {}
      : {};
    validator.$jsonSchema.properties.seeing = { bsonType: "double" };
    validator.$jsonSchema.properties.mag.minimum = new Int32(-30);
    validator.$jsonSchema.minProperties = 3;
    await db.command({ collMod: "star", validator });
    const before = await catalog(db);
    const same = await makeMigrations(first, { directory });
    assert.deepEqual([same.files, same.unmanaged], [undefined, [
      "somebody_elses",
      "star#passing (a TTL index, which deletes documents 3600 s after their seen)",
      "star#theirs",
      "star.seeing",
      "star: minProperties in its validator",
    ]]);
    const place = await open([star({ plx: z.float64().nullable() })]);
    await makeMigrations(place, { directory });
    await migrate(place, { directory });
    const after = JSON.stringify(await catalog(db));
    for (
      const theirs of [
        "somebody_elses",
        '{\\"mag\\":-1}',
        '\\"expireAfterSeconds\\":3600',
        '"seeing":{"bsonType":"double"}',
        '"minimum":-30',
        '"minProperties":3',
      ]
    ) assert(after.includes(theirs), `${theirs} in ${after}`);
    await rollback(place, { directory });
    assert.deepEqual(await catalog(db), before);
  },
);

mongoTest(
  "an impossible change is refused with a sketch, also if a foreign index occupies a key",
  async ({ directory, open }) => {
    const place = await open([
      star({ mag: z.float64() }, { indexes: [{ fields: ["mag"] }] }),
    ]);
    await place.db.createCollection("star", {
      timeseries: { timeField: "seen" },
    });
    await assert.rejects(
      makeMigrations(place, { directory }),
      /make star an ordinary collection: it is a time series, which cannot have rules.*from this:\n\{ "create": "star_new" \}/s,
    );
    await place.db.dropCollection("star");
    await place.db.collection("star").createIndex({ mag: 1 }, {
      name: "theirs",
    });
    const unique = await open([
      star({ mag: z.float64() }, { unique: [["mag"]] }),
    ]);
    await assert.rejects(
      makeMigrations(unique, { directory }),
      /add the index star_mag_key .* of star: the existing index theirs \{ mag: 1 \}, which no model manages, has/,
    );
  },
);

mongoTest(
  "without a history nothing is dropped",
  async ({ directory, open }) => {
    const first = await open([star(), modelOf("night", { id: z.int32() })]);
    await first.createDb();
    const { mag: _mag, ...others } = fields;
    const place = await open([modelOf("star", others, { primaryKey: ["id"] })]);
    const { files, unmanaged } = await makeMigrations(place, { directory });
    assert.equal(files, undefined);
    assert.deepEqual(unmanaged, ["night", "star.mag"]);
  },
);

mongoTest(
  "a foreign collation and a foreign TTL index are reported and kept",
  async ({ directory, open }) => {
    const place = await open([star({}, { indexes: [{ fields: ["mag"] }] })]);
    await place.db.createCollection("star", {
      collation: { locale: "es", strength: 2 },
    });
    await place.db.collection("star").createIndex({ mag: -1 }, {
      name: "theirs",
      expireAfterSeconds: 3600,
    });
    const { unmanaged } = await makeMigrations(place, { directory });
    assert.match(
      unmanaged.join(),
      /^star#theirs \(a TTL index, [^]*\),star: collation \{"locale":"es"[^]*\}$/,
    );
    const before = JSON.stringify(await catalog(place.db));
    await migrate(place, { directory });
    const again = await makeMigrations(place, { directory });
    assert.deepEqual([again.files, again.changes], [undefined, []]);
    assert.equal((await drift(place, { directory })).exitCode, 0);
    const after = JSON.stringify(await catalog(place.db));
    for (
      const part of ['"locale":"es"', "expireAfterSeconds"]
    ) {
      assert(before.includes(part) && after.includes(part), part);
    }
    await rollback(place, { directory });
    assert.deepEqual(JSON.stringify(await catalog(place.db)), before);
  },
);

mongoTest(
  "a rollback from int64 to int32 converts the values that fit, and names and keeps the others",
  async ({ directory, open }) => {
    const first = await open([star({ visits: z.int32().nullable() })]);
    await makeMigrations(first, { directory });
    await migrate(first, { directory });
    const place = await open([star({ visits: z.int64().nullable() })]);
    await makeMigrations(place, { directory });
    await migrate(place, { directory });
    const stars = place.db.collection("star");
    await stars.insertMany([
      { id: 1n, name: "Sirius", visits: 2_147_483_647n },
      { id: 2n, name: "Vega", visits: 2_147_483_648n },
      { id: 3n, name: "Mira", visits: null },
    ]);
    await assert.rejects(
      rollback(place, { directory }),
      /1 document of star would break the rules, for example id 2 \(visits\)/,
    );
    await stars.updateOne({ id: 2n }, { $set: { visits: new Int32(-7) } });
    await rollback(place, { directory });
    assert.deepEqual(
      await stars.find({ visits: { $type: "int" } }).sort({ id: 1 })
        .map(({ visits }) => visits).toArray(),
      [2_147_483_647, -7],
    );
  },
);
