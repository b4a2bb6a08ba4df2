// The position index of models with a position: files and createDb create it, and its extension if it has one, and searches use it if it exists and work without it.
import { type Connection, defineModel } from "@alerce/db-plugins";
import {
  baseline,
  check,
  drift,
  makeMigrations,
  migrate,
  rollback,
} from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../../support/connected.ts";
import { freshSchema } from "../../../support/engines.ts";
import { fails, testFolder } from "../../../support/migrations_folder.ts";
import {
  NEWEST_APART,
  type Place,
  type Places,
} from "../../../support/plan_database.ts";
import { ROUNDS } from "../../../support/rounds.ts";

const SERVERS = NEWEST_APART.filter(({ name }) => name !== "pglite");
const EXTENSIONS =
  "select extname from pg_extension where extname <> 'plpgsql' order by 1";

const source = (
  spatial: { index?: boolean; using?: "cube" | "q3c" } = {},
  partitions?: number,
) =>
  defineModel("source", {
    fields: z.object({
      id: z.int32(),
      ra: z.float64().nullable(),
      dec: z.float32().nullable(),
    }),
    primaryKey: ["id"],
    spatial: { ra: "ra", dec: "dec", ...spatial },
    ...partitions === undefined
      ? {}
      : { partitionBy: { hash: "id", partitions } },
  });
const Source = source();
const Cube = source({ using: "cube" });
const Plain = source({ index: false });

async function placed(
  engine: Places,
  work: (place: Place, directory: string) => Promise<void>,
): Promise<void> {
  await using folder = await testFolder("sql");
  const place = await engine.place();
  try {
    await work(place, folder.directory);
  } finally {
    await place.close();
  }
}

/** Writes rows, some without a position, and positions that a careless expression rejects. */
async function fill(db: Connection): Promise<void> {
  await db.query(Source).bulkInsert([
    ...Array.from({ length: 3_000 }, (_, id) => ({
      id,
      ra: (id * 137.5) % 360,
      dec: Math.asin(id / 1_500 - 1) * 180 / Math.PI,
    })),
    { id: 10_000, ra: null, dec: 1 },
    { id: 10_001, ra: 400, dec: 1 },
    { id: 10_002, ra: 1e-308, dec: 89.99999 },
    { id: 10_003, ra: 5e-324, dec: 1e-45 },
    { id: 10_004, ra: 12, dec: -91 },
  ]);
}

const near = { ra: 0, dec: 0, radius: 1 };

/** Returns the rows near the origin. */
async function found(
  db: Connection,
  model: typeof Source = Source,
): Promise<number[]> {
  const rows = await db.query(model).findAll({ filterBy: { near } });
  return rows.map(({ id }) => id);
}

/** Checks the nearest rows in great cones, which are looked for in smaller cones first. */
async function assertNearest(
  db: Connection,
  model: typeof Source = Source,
): Promise<void> {
  for (
    const [ra, dec] of [[0, 0], [359.9, 45], [10, 90], [77, -89.9]] as const
  ) {
    const options = {
      filterBy: { near: { ra, dec, radius: 648_000 } },
      orderBy: "distance",
      select: ["id"],
    } as const;
    const all = await db.query(model).findAll(options);
    for (const limit of [1, 5, 200]) {
      const nearest = await db.query(model).findAll({ ...options, limit });
      assert.deepEqual(
        nearest,
        all.slice(0, limit),
        `${limit} of ${ra} ${dec}`,
      );
    }
    const { items } = await db.query(model).find({
      ...options,
      page: 3,
      perPage: 4,
    });
    assert.deepEqual(items, all.slice(8, 12));
    // A filter that few rows match, so that small cones have too few.
    const few = {
      ...options,
      filterBy: { ...options.filterBy, id: { lt: 9 } },
    };
    assert.deepEqual(
      await db.query(model).findAll({ ...few, limit: 8 }),
      (await db.query(model).findAll(few)).slice(0, 8),
    );
  }
}

/** Whether the last search used the position index, by its statement. */
interface Watched {
  readonly db: Connection;
  usesIndex(): boolean;
}

async function watched(
  place: Place,
  model: typeof Source = Source,
): Promise<Watched> {
  let last = "";
  const db = await place.open([model], {}, {
    onQuery: ({ text }) => last = text,
  });
  return { db, usesIndex: () => /floor\(|cube\(array/.test(last) };
}

/** Returns the plan of a search. */
async function planOf(
  place: Place,
  model: typeof Source = Source,
): Promise<string> {
  const plans: string[] = [];
  const db = await place.open([model], {}, {
    slowQuery: 0,
    explain: true,
    onSlowQuery: ({ plan }) => void plans.push(String(plan)),
  });
  await found(db, model);
  while (!plans.some((plan) => plan.includes("Scan"))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return plans.join();
}

for (const engine of ROUNDS > 1 ? NEWEST_APART : SERVERS) {
  test(`${engine.name}: an existing database gets an index of zones by a migration, without an extension`, async () => {
    await placed(engine, async (place, directory) => {
      const plain = await place.open([Plain]);
      await plain.createDb();
      await fill(plain);
      const watching = await watched(place);
      const { db } = watching;
      const { notes } = await db.createDb({ verify: true });
      assert.match(
        String(notes),
        /^The index ix_source_position of source is missing, so searches by position are slow: .*make_migrations.* adds it$/,
      );
      await baseline(db, { directory });
      assert.deepEqual(await found(db), [10_003]);
      assert.ok(!watching.usesIndex());
      const { files } = await makeMigrations(db, { directory });
      assert.equal(
        files?.upText.replace(/^--.*\n\n/, ""),
        `-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_source_position ON source USING btree ((
CASE
    WHEN abs("dec"::double precision) <= 90::double precision THEN floor("dec"::double precision * 60::double precision)
    ELSE NULL::double precision
END), ra, "dec");
`,
      );
      await migrate(db, { directory });
      assert.deepEqual(await found(db), [10_003]);
      assert.ok(watching.usesIndex());
      assert.equal((await check(db, { directory })).exitCode, 0);
      assert.deepEqual((await makeMigrations(db, { directory })).changes, []);
      await place.run("analyze source");
      assert.match(await planOf(place), /ix_source_position/);
      await assertNearest(db);
      // A row that is no position does not overflow, and can be written.
      await db.query(Source).bulkInsert([{ id: 10_005, ra: 1e308, dec: 3e38 }]);
      await place.run("alter table source alter dec type float8");
      await place.run("insert into source values (10006, -1e308, 1e308)");
      await rollback(db, { directory });
      assert.deepEqual(await found(db), [10_003]);
      assert.ok(!watching.usesIndex());
      assert.deepEqual(await place.run(EXTENSIONS), []);
    });
  });

  test(`${engine.name}: createDb creates an index of zones, also for partitions, and a search uses it`, async () => {
    await placed(engine, async (place, directory) => {
      const Parted = source({}, 2);
      const watching = await watched(place, Parted);
      const { db } = watching;
      assert.deepEqual(await db.createDb(), {
        created: ["source"],
        present: [],
      });
      await fill(db);
      assert.deepEqual(await found(db), [10_003]);
      assert.ok(watching.usesIndex());
      assert.deepEqual((await makeMigrations(db, { directory })).changes, []);
      assert.deepEqual(await place.run(EXTENSIONS), []);
      await place.run("drop index ix_source_position");
      const { files } = await makeMigrations(db, { directory });
      assert.match(
        files?.upText ?? "",
        /CREATE INDEX ix_source_position ON ONLY source USING btree [^]*CREATE INDEX CONCURRENTLY \w+ ON source_part_0 [^]*ATTACH PARTITION/,
      );
      await migrate(db, { directory });
      assert.deepEqual((await makeMigrations(db, { directory })).changes, []);
    });
  });
}

for (const engine of NEWEST_APART) {
  test(`${engine.name}: an existing database gets the index of an extension by a migration, and searches use it at once`, async () => {
    await placed(engine, async (place, directory) => {
      const plain = await place.open([Plain]);
      await plain.createDb();
      assert.deepEqual(await place.run(EXTENSIONS), []);
      await fill(plain);
      // A database without the index begins its history without it.
      const watching = await watched(place, Cube);
      const { db } = watching;
      const { notes } = await db.createDb({ verify: true });
      assert.match(
        String(notes),
        /^The index ix_source_position of source is missing, so searches by position are slow: .*make_migrations.* adds it$/,
      );
      const { files: first } = await baseline(db, { directory });
      assert.doesNotMatch(first?.upText ?? "", /cube/);
      assert.deepEqual(await found(db, Cube), [10_003]);
      assert.ok(!watching.usesIndex());

      assert.equal((await drift(db, { directory })).exitCode, 5);
      const { files } = await makeMigrations(db, { directory });
      assert.equal(
        files?.upText.replace(/^--.*\n\n/, ""),
        `-- dbp:step
CREATE EXTENSION IF NOT EXISTS "cube";

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_source_position ON source USING gist ((
CASE
    WHEN ra >= 0::double precision AND ra <= 360::double precision AND abs("dec"::double precision) <= 90::double precision THEN cube(ARRAY[cosd("dec"::double precision) * cosd(ra), cosd("dec"::double precision) * cosd(ra - 90::double precision), sind("dec"::double precision)])
    ELSE NULL::cube
END));
`,
      );
      assert.match(
        files?.downText ?? "",
        /\n-- The extension cube is not dropped: other objects may use it\.\nDROP INDEX CONCURRENTLY ix_source_position;\n$/,
      );
      await migrate(db, { directory });
      assert.deepEqual(await found(db, Cube), [10_003]);
      assert.ok(watching.usesIndex());
      await place.run("analyze source");
      assert.match(await planOf(place, Cube), /ix_source_position/);
      assert.equal((await check(db, { directory })).exitCode, 0);
      assert.deepEqual((await makeMigrations(db, { directory })).changes, []);

      await rollback(db, { directory });
      assert.deepEqual(await found(db, Cube), [10_003]);
      assert.ok(!watching.usesIndex());
      assert.deepEqual(await place.run(EXTENSIONS), [["cube"]]);
      await migrate(db, { directory });
      // An administrator removes the extension while the connection is open.
      await found(db, Cube);
      assert.ok(watching.usesIndex());
      await place.run("drop extension cube cascade");
      assert.deepEqual(await found(db, Cube), [10_003]);
      assert.ok(!watching.usesIndex());
    });
  });

  test(`${engine.name}: createDb creates an extension and the index, also for a second schema and for partitions`, async () => {
    await placed(engine, async (place, directory) => {
      const Parted = source({ using: "cube" }, 2);
      for (
        const [schema, model] of [["one", Cube], ["two", Parted]] as const
      ) {
        const db = await place.open([model], { SCHEMA: schema });
        assert.deepEqual(await db.createDb(), {
          created: ["source"],
          present: [],
        });
        assert.deepEqual(await db.createDb({ verify: true }), {
          created: [],
          present: ["source"],
        });
        await fill(db);
        assert.deepEqual(await found(db, model), [10_003]);
        const matches = await Array.fromAsync(
          db.query(model).crossmatch([near, near], { radius: 1, nearest: 1 }),
        );
        assert.deepEqual(matches.map(({ row }) => row.id), [10_003, 10_003]);
        assert.deepEqual((await makeMigrations(db, { directory })).changes, []);
      }
      assert.deepEqual(
        await place.run(
          "select count(*) from pg_indexes where indexdef like '%USING gist%one.cube(%'",
        ),
        [["4"]],
      );
      const db = await place.open([Parted], { SCHEMA: "two" });
      await place.run("drop index two.ix_source_position");
      const { files } = await makeMigrations(db, { directory });
      assert.match(
        files?.upText ?? "",
        /CREATE INDEX ix_source_position ON ONLY source USING gist [^]* one\.cube\([^]*CREATE INDEX CONCURRENTLY \w+ ON source_part_0 [^]*ATTACH PARTITION/,
      );
      await migrate(db, { directory });
      assert.deepEqual((await makeMigrations(db, { directory })).changes, []);
      assert.deepEqual(await found(db, Cube), [10_003]);
    });
  });
}

for (const engine of SERVERS) {
  test(`${engine.name}: without the right to create the extension, files are refused, and everything else works`, async () => {
    await placed(engine, async (place, directory) => {
      const role = freshSchema();
      await place.run(`create role ${role} login password 'p'`);
      await place.run(`grant create on schema public to ${role}`);
      try {
        const db = await place.open([Cube], { USER: role, PASSWORD: "p" });
        const refusal = fails(
          7,
          RegExp(
            `Not generated: add the extension cube \\(the role ${role} is not permitted, a role with the CREATE privilege on the database \\w+ is\\)\\. .*initdb --skip-refused.* writes the other changes`,
          ),
          /GRANT CREATE ON DATABASE/,
          /CREATE EXTENSION IF NOT EXISTS "cube";$/,
        );
        await assert.rejects(baseline(db, { directory }), refusal);
        const { applied, files } = await baseline(db, {
          directory,
          skipRefused: true,
        });
        assert.equal(applied.length, 1);
        assert.doesNotMatch(files?.upText ?? "", /cube/);
        await fill(db);
        assert.deepEqual(await found(db, Cube), [10_003]);
        await assert.rejects(
          makeMigrations(db, { directory }),
          fails(7, /add the extension cube \(the role/),
        );
        const { differences, exitCode } = await drift(db, { directory });
        assert.equal(exitCode, 5);
        assert.match(String(differences), /^add the extension cube \(/);
        await db.dropDb();
        const report = await db.createDb();
        assert.match(
          String(report.notes),
          /The index ix_source_position of source is missing, so searches by position are slow: it requires the extension cube \(the role \w+ is not permitted, a role with the CREATE privilege on the database \w+ is\)\. Afterwards, .*make_migrations.* adds the index/,
        );
        await fill(db);
        assert.deepEqual(await found(db, Cube), [10_003]);
      } finally {
        await place.run(`drop owned by ${role} cascade`);
        await place.run(`drop role ${role}`);
      }
    });
  });
}

test("a model without an index needs no extension, and one with q3c names its function", async () => {
  const [engine] = SERVERS;
  if (engine === undefined) throw new Error("no server");
  await placed(engine, async (place, directory) => {
    const plain = await place.open([Plain]);
    const { files } = await makeMigrations(plain, { directory });
    assert.doesNotMatch(files?.upText ?? "", /CREATE (?:INDEX|EXTENSION)/);
    const site = await place.open([source({ using: "q3c" })]);
    await assert.rejects(
      makeMigrations(site, { directory, dryRun: true }),
      fails(2, /pending/),
    );
    const { notes } = await site.createDb();
    assert.match(
      String(notes),
      /it requires the extension q3c \(.*this server does not have the extension/,
    );
    await fill(site);
    assert.deepEqual(await found(site), [10_003]);
  });
});
