// Documents that break a new unique key or new rules are counted before anything runs.
import assert from "node:assert/strict";
import { z } from "zod";
import { makeMigrations, migrate } from "@alerce/db-plugins/migrate";
import { modelOf, mongoTest } from "../../../support/mongo_migrating.ts";

const id = z.int32();
const unique = (fields: string[], kinds: [string, ...string[]]) =>
  modelOf("star", {
    id,
    a: id,
    b: id.nullable(),
    kind: z.enum(kinds),
  }, { primaryKey: ["id"], unique: [fields] });

mongoTest(
  "documents that break new keys and rules are counted, and the old key is dropped last",
  async ({ open, directory }) => {
    const old = await open([unique(["a", "b"], ["x", "y", "z"])]);
    await makeMigrations(old, { directory });
    await migrate(old, { directory });
    await old.db.collection("star").insertMany([
      { id: 1, a: 1, b: 1, kind: "x" },
      { id: 2, a: 1, b: 2, kind: "z" },
      { id: 3, a: 2, b: 2, kind: "z" },
    ]);
    await assert.rejects(
      makeMigrations(await open([unique(["a"], ["x", "y"])]), { directory }),
      /change star\.kind from .*: 2 documents have another type or value/,
    );
    const next = await open([unique(["a"], ["x", "y", "z"])]);
    const { violations } = await makeMigrations(next, { directory });
    assert.deepEqual(violations, [
      "Existing documents violate the unique index star_a_key of star: 2 documents share 1 value of (a), such as (1)",
    ]);
    const { warnings } = await migrate(next, { directory, dryRun: true });
    assert.deepEqual(warnings?.map(({ problem }) => problem), violations);
    await assert.rejects(migrate(next, { directory }));
    const indexes = await next.db.collection("star").indexes();
    assert.ok(
      indexes.some(({ key, unique }) =>
        unique === true && JSON.stringify(key) === '{"a":1,"b":1}'
      ),
    );
  },
);

mongoTest(
  "documents are not counted for fields that the file fills",
  async ({ open, directory }) => {
    const old = await open([modelOf("star", { id }, { primaryKey: ["id"] })]);
    await makeMigrations(old, { directory });
    await migrate(old, { directory });
    await old.db.collection("star").insertOne({ id: 1 });
    const next = await open([
      modelOf("star", { id, kind: z.string().default("x") }, {
        primaryKey: ["id"],
      }),
    ]);
    assert.equal(
      (await makeMigrations(next, { directory })).violations,
      undefined,
    );
    await migrate(next, { directory });
  },
);

mongoTest(
  "a dry run counts documents that broke the new rules after the file was made",
  async ({ open, directory }) => {
    const old = await open([unique(["a"], ["x", "y", "z"])]);
    await makeMigrations(old, { directory });
    await migrate(old, { directory });
    const next = await open([unique(["a"], ["x", "y"])]);
    assert.equal(
      (await makeMigrations(next, { directory })).violations,
      undefined,
    );
    await old.db.collection("star").insertMany([
      { id: 1, a: 1, b: 1, kind: "x" },
      { id: 2, a: 2, b: 2, kind: "z" },
    ]);
    const { warnings = [] } = await migrate(next, { directory, dryRun: true });
    assert.deepEqual(warnings.map(({ kind }) => kind), ["violation"]);
    assert.match(
      warnings[0]?.problem ?? "",
      /^Existing documents violate the rules of star: 1 document.*id 2/,
    );
  },
);
