// Types of keys that foreign keys connect: the sketch, as it is printed, is a migration that runs while programs write.
import {
  type AnyModel,
  generatedAs,
  identity,
  MigrationError,
  serial,
} from "@alerce/db-plugins";
import { drift, makeMigrations, migrate } from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../../support/connected.ts";
import { managedOf } from "../../../support/plan_oracle.ts";
import { freshSchema } from "../../../support/engines.ts";
import { testFolder } from "../../../support/migrations_folder.ts";
import { model } from "../../../support/plan_cases.ts";
import {
  apply,
  catalogs,
  embedded,
  NEWEST_SERVERS,
  NEWEST_SQL,
  NO_INTENT,
  onServer,
  type Place,
  SERVERS,
} from "../../../support/plan_database.ts";

/** The expected sketch; `DBP_TEST_UPDATE=1` rewrites it. */
const GOLDEN = new URL("../../../data/type_sketch.sql", import.meta.url);
const ROWS = 10_500;
const text = z.string();

/** Models whose keys have a type. */
function models(type: z.ZodInt32 | z.ZodType<bigint | number>): AnyModel[] {
  const n = type;
  return [
    model("star", {
      id: identity(n.meta({ description: "The number of a star" })),
      parent_id: n.nullable(),
      name: text,
      Rank: n.nullable(),
    }, {
      primaryKey: ["id"],
      unique: [["name", "id"]],
      checks: [{ name: "star_is_counted", sql: "id > 0" }],
      indexes: [{ fields: ["parent_id", "Rank"] }],
      foreignKeys: [{
        fields: ["parent_id"],
        references: { table: "star", fields: ["id"] },
      }],
    }),
    model("detection", {
      id: serial(n),
      star_id: n,
      n: z.int32(),
      mag: z.float64().nullable(),
    }, {
      primaryKey: ["star_id", "n"],
      unique: [["id"]],
      indexes: [
        { fields: ["star_id"], where: "star_id > 5", name: "ix_late" },
        { fields: ["mag"] },
      ],
      foreignKeys: [{
        fields: ["star_id"],
        references: { table: "star", fields: ["id"] },
        onDelete: "cascade",
      }],
    }),
    model("note", {
      id: n,
      star_id: n.nullable(),
      n: z.int32().nullable(),
      only_star: n.nullable(),
    }, {
      primaryKey: ["id"],
      foreignKeys: [{
        fields: ["only_star"],
        references: { table: "star", fields: ["id"] },
        onDelete: "set null",
      }, {
        name: "note_of_detection",
        fields: ["star_id", "n"],
        references: { table: "detection", fields: ["star_id", "n"] },
        onDelete: "set null",
      }],
    }),
  ];
}

const FILL = [
  `INSERT INTO star (name, "Rank") SELECT 'star ' || n, n FROM generate_series(1, ${ROWS}) AS n`,
  "UPDATE star SET parent_id = 1 WHERE id % 3 = 0",
  `INSERT INTO detection (star_id, n, mag) SELECT n, 1, n FROM generate_series(1, ${ROWS}) AS n`,
  "INSERT INTO note (id, star_id, n) SELECT n, n, 1 FROM generate_series(1, 100) AS n",
];

const ALL = `
SELECT 'star', id, parent_id, name, "Rank" FROM star WHERE id <= ${ROWS}
UNION ALL SELECT 'detection', id, star_id, n::text, mag::bigint FROM detection WHERE star_id <= ${ROWS}
UNION ALL SELECT 'note', id, star_id, n::text, NULL FROM note WHERE id <= ${ROWS}
ORDER BY 1, 2`;

/** Inserts, updates and deletes rows until it is stopped. Returns the number of stars that remain. */
async function written(place: Place, isDone: () => boolean): Promise<number> {
  let stars = 0;
  for (let count = 0; !isDone() || count < 10; count++) {
    const [[id = ""] = []] = await place.run(
      `INSERT INTO star (name, parent_id) VALUES ('new ${count}', 2) RETURNING id`,
    );
    await place.run(
      `INSERT INTO detection (star_id, n) VALUES (${id}, 1), (${id}, 2)`,
    );
    await place.run(`UPDATE detection SET mag = 1 WHERE star_id = ${id}`);
    await place.run(
      `UPDATE detection SET n = 3 WHERE star_id = ${id} AND n = 2`,
    );
    const note = 100_000 + count;
    await place.run(
      `INSERT INTO note (id, star_id, n, only_star) VALUES (${note}, ${id}, 1, ${id})`,
    );
    if (count % 2 === 0) await place.run(`DELETE FROM star WHERE id = ${id}`);
    else stars++;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return stars;
}

/** The first sketch that an error prints. */
function printed(error: unknown): string {
  assert.ok(error instanceof MigrationError, String(error));
  const [, sketch = ""] = /from this:\n([\s\S]*?)(?:\n\n|$)/.exec(
    error.message,
  ) ?? [];
  return sketch;
}

// Before PostgreSQL 18, a partitioned table has no foreign key that is NOT VALID.
for (const engine of new Set([...NEWEST_SQL, ...SERVERS])) {
  test(`${engine.name}: integer keys of tables that foreign keys connect become bigint`, async () => {
    await using folder = await testFolder("sql");
    const { directory } = folder;
    const place = await engine.place();
    const direct = await engine.place();
    try {
      const old = await place.open(models(z.int32()));
      await old.createDb();
      for (const statement of FILL) await place.run(statement);
      await makeMigrations(old, { directory });
      const before = await place.run(ALL);
      const db = await place.open(models(z.int64()));
      const refused = await makeMigrations(db, { directory }).then(
        () => assert.fail("the types are refused"),
        (error) => error,
      );
      const sketch = printed(refused);
      assert.equal(refused.message.match(/CREATE TRIGGER/g)?.length, 3);
      assert.match(
        refused.message,
        /-- The sketch of star\.id changes detection\.star_id too\./,
      );
      if (Deno.env.get("DBP_TEST_UPDATE") !== undefined) {
        await Deno.writeTextFile(GOLDEN, `${sketch}\n`);
      }
      assert.equal(`${sketch}\n`, await Deno.readTextFile(GOLDEN));
      await folder.write({
        "20260101T000000_bigint.up.sql": sketch,
        "20260101T000000_bigint.down.sql":
          "-- dbp:irreversible a number may not fit integer\n",
      });
      let isDone = false;
      const writes = engine === embedded
        ? Promise.resolve(0)
        : written(place, () => isDone);
      const run = migrate(db, { directory }).finally(() => isDone = true);
      const [stars] = await Promise.all([writes, run]);
      const again = await makeMigrations(db, { directory });
      assert.deepEqual(again.changes, []);
      assert.deepEqual((await drift(db, { directory })).differences, []);
      assert.deepEqual(await place.run(ALL), before);
      await (await direct.open(models(z.int64()))).createDb();
      assert.deepEqual(await catalogs(place), await catalogs(direct));
      const [[count, greatest] = []] = await place.run(
        `SELECT count(*), coalesce(max(id), 0) FROM star WHERE id > ${ROWS}`,
      );
      assert.equal(Number(count), stars);
      assert.deepEqual(
        await place.run(`
          SELECT count(*) FROM note LEFT JOIN star ON star.id = only_star
          WHERE note.id > ${ROWS} AND (star.id IS NULL) <> (star_id IS NULL AND n IS NULL AND only_star IS NULL)`),
        [["0"]],
        "no note refers to a deleted star",
      );
      const [[next = ""] = []] = await place.run(
        "INSERT INTO star (name) VALUES ('last') RETURNING id",
      );
      assert.ok(
        Number(next) > Math.max(Number(greatest), ROWS),
        "the numbers go on",
      );
      await place.run(
        "INSERT INTO star (id, name) VALUES (5000000000, 'far')",
      );
      await place.run(
        "INSERT INTO detection (star_id, n) VALUES (5000000000, 1)",
      );
      await place.run("DELETE FROM star WHERE id = 5000000000");
      await assert.rejects(
        place.run("INSERT INTO detection (star_id, n) VALUES (5000000000, 1)"),
      );
      assert.deepEqual(
        await place.run(
          "SELECT count(*) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace",
        ),
        [["0"]],
      );
    } finally {
      await place.close();
      await direct.close();
    }
  });
}

for (const engine of NEWEST_SERVERS) {
  test(`${engine.name}: comments, privileges and statistics are carried over, and foreign keys of other schemas are named`, async () => {
    await using folder = await testFolder("sql");
    const { directory } = folder;
    const place = await engine.place();
    const other = freshSchema();
    const role = `r_${crypto.randomUUID().slice(0, 8)}`;
    try {
      const old = await place.open(models(z.int32()));
      await old.createDb();
      await makeMigrations(old, { directory });
      for (const statement of FILL) await place.run(statement);
      for (
        const statement of [
          `create role ${role}`,
          "comment on constraint star_pkey on star is 'It''s the key'",
          "comment on constraint detection_star_id_fkey on detection is 'the star'",
          "comment on index ix_late is 'late'",
          `grant select (id), update (id, name) on star to ${role} with grant option`,
          "grant select (id) on star to public",
          "alter table star alter column id set statistics 500, alter column id set (n_distinct = -1)",
          `create schema ${other}`,
          `create table ${other}.mine (star_id int constraint mine_fkey references star)`,
        ]
      ) await place.run(statement);
      const kept = () => place.run(KEPT);
      const before = await kept();
      const db = await place.open(models(z.int64()));
      const sketch = printed(
        await makeMigrations(db, { directory }).then(
          () => assert.fail("the types are refused"),
          (error) => error,
        ),
      );
      const [drop = "", add = ""] = [
        ...sketch.matchAll(/^-- {3}(ALTER TABLE .*mine.*)$/gm),
      ].map(([, statement]) => statement);
      assert.match(drop, /DROP CONSTRAINT mine_fkey;$/);
      await place.run(drop);
      await folder.write({
        "20260101T000000_bigint.up.sql": sketch,
        "20260101T000000_bigint.down.sql":
          "-- dbp:irreversible a number may not fit integer\n",
      });
      await migrate(db, { directory });
      await place.run(`alter table ${other}.mine alter star_id type bigint`);
      await place.run(add);
      assert.deepEqual(await kept(), before);
      assert.deepEqual((await drift(db, { directory })).differences, []);
    } finally {
      await place.run(`drop schema if exists ${other} cascade`);
      await place.run(`drop owned by ${role}`).catch(() => {});
      await place.run(`drop role if exists ${role}`);
      await place.close();
    }
  });
}

const KEPT = `
select c.relname, a.attname, cast(array(select x::text from unnest(a.attacl) x order by 1) as text), a.attoptions::text, a.attstattarget::text
from pg_attribute a join pg_class c on c.oid = a.attrelid
where c.relnamespace = current_schema()::regnamespace and a.attnum > 0 and not a.attisdropped
  and (a.attacl is not null or a.attoptions is not null)
union all
select conname, obj_description(oid, 'pg_constraint'), null, null, null from pg_constraint
where connamespace = current_schema()::regnamespace and obj_description(oid, 'pg_constraint') is not null
union all
select relname, obj_description(oid, 'pg_class'), null, null, null from pg_class
where relnamespace = current_schema()::regnamespace and relkind = 'i' and obj_description(oid, 'pg_class') is not null
order by 1, 2`;

test("between all steps of a sketch, foreign keys and triggers keep both columns right", async () => {
  const keyed = (id: z.ZodType): AnyModel[] => [
    model("star", { id }, { primaryKey: ["id"] }),
    model("note", { id: z.int32(), star_id: id.nullable() }, {
      primaryKey: ["id"],
      foreignKeys: [{
        fields: ["star_id"],
        references: { table: "star", fields: ["id"] },
        onDelete: "set null",
      }],
    }),
    model("detection", { id, star_id: id }, {
      primaryKey: ["id"],
      foreignKeys: [{
        fields: ["star_id"],
        references: { table: "star", fields: ["id"] },
        onDelete: "cascade",
      }],
    }),
  ];
  const place = await embedded.place();
  try {
    const old = await place.open(keyed(text));
    await old.createDb();
    const managed = await managedOf(old);
    let count = 0;
    const write = async (): Promise<void> => {
      for (const n of [++count, ++count]) {
        await place.run(`INSERT INTO star (id) VALUES ('${n}')`);
        await place.run(`INSERT INTO note (id, star_id) VALUES (${n}, '${n}')`);
        await place.run(
          `INSERT INTO detection (id, star_id) VALUES ('${n}', '${n}')`,
        );
      }
      // One star of an earlier step, and one of this step.
      for (const n of [count - 3, count]) {
        await place.run(`DELETE FROM star WHERE id = '${n}'`);
      }
    };
    await write();
    const db = await place.open(keyed(z.int64()));
    const target = db.migrations();
    const plan = () => target.plan({ intent: NO_INTENT, managed });
    const [refused] = (await plan()).refused;
    const script = target.dialect.parse(refused?.sketch ?? "", "sketch");
    assert.deepEqual(target.dialect.lint(script, "up"), []);
    await apply(place, script, write);
    const after = await plan();
    assert.deepEqual([after.changes, after.refused], [[], []]);
    const remaining = await place.run("SELECT id FROM star ORDER BY id");
    assert.equal(remaining.length, 1, String(remaining));
    for (
      const query of [
        "SELECT star_id FROM note WHERE star_id IS NOT NULL",
        "SELECT star_id FROM detection",
      ]
    ) assert.deepEqual(await place.run(query), remaining, query);
    assert.deepEqual(await place.run("SELECT count(*) FROM note"), [[
      String(count),
    ]]);
  } finally {
    await place.close();
  }
});

/** Tables of 10,500 rows, and what their sketch must say. */
interface Special {
  readonly old: (type: z.ZodType) => readonly AnyModel[];
  readonly types?: readonly [z.ZodType, z.ZodType];
  readonly statements: readonly string[];
  readonly says: readonly RegExp[];
  /** A query whose result stays the same. */
  readonly query: string;
}

const many = (table: string, columns: string, values: string): string =>
  `INSERT INTO ${table} (${columns}) SELECT ${values} FROM generate_series(1, ${ROWS}) AS n`;

const SPECIAL: Readonly<Record<string, Special>> = {
  "a partitioned table": {
    old: (type) => [
      model("star", { id: type, night: z.int32() }, {
        primaryKey: ["night", "id"],
        indexes: [{ fields: ["id"] }],
        partitionBy: { hash: "night", partitions: 2 },
      }),
      model("detection", { id: z.int32(), star_id: type, night: z.int32() }, {
        primaryKey: ["id"],
        foreignKeys: [{
          fields: ["night", "star_id"],
          references: { table: "star", fields: ["night", "id"] },
        }],
      }),
    ],
    statements: [
      many("star", "id, night", "n, n % 7"),
      many("detection", "id, star_id, night", "n, n, n % 7"),
    ],
    says: [
      /-- Nobody can use star while the server builds star_pkey, ix_star_id here: star is partitioned/,
    ],
    query:
      "SELECT * FROM (SELECT id::text, night FROM star UNION ALL SELECT star_id::text, night FROM detection) AS s ORDER BY id, night",
  },
  "a partitioned table that refers to another": {
    old: (type) => [
      model("star", { id: type }, { primaryKey: ["id"] }),
      model("detection", { id: z.int32(), star_id: type }, {
        primaryKey: ["id"],
        partitionBy: { hash: "id", partitions: 2 },
        foreignKeys: [{
          fields: ["star_id"],
          references: { table: "star", fields: ["id"] },
        }],
      }),
    ],
    statements: [
      many("star", "id", "n"),
      many("detection", "id, star_id", "n, n"),
    ],
    says: [],
    query: "SELECT id, star_id FROM detection ORDER BY id",
  },
  "views, a trigger, computed columns and a replica identity": {
    old: (type) => [
      model("star", {
        id: type,
        twice: generatedAs(z.int64().nullable(), "id * 2"),
        name: text.nullable(),
      }, { primaryKey: ["id"], indexes: [{ fields: ["twice"] }] }),
    ],
    statements: [
      many("star", "id", "n"),
      "CREATE INDEX star_by_own ON star (id, name) WITH (fillfactor = 70)",
      "CREATE VIEW bright AS SELECT id, name FROM star WHERE id > 10",
      "ALTER TABLE star REPLICA IDENTITY USING INDEX star_pkey",
      "CREATE STATISTICS pairs ON id, name FROM star",
      "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := coalesce(NEW.name, 'none'); RETURN NEW; END $$",
      "CREATE TRIGGER noted BEFORE UPDATE OF id ON star FOR EACH ROW EXECUTE FUNCTION noted()",
    ],
    says: [
      /-- The view bright uses star\.id\. It is dropped here/,
      /-- The trigger noted uses star\.id\./,
      /fires its triggers: noted/,
      /rewrites all rows to compute twice/,
      /statistics object pairs are dropped/,
      /SET \(fillfactor=70\)/,
      /REPLICA IDENTITY USING INDEX star_pkey/,
    ],
    query:
      "SELECT star.id, twice, bright.id FROM star LEFT JOIN bright ON bright.id = star.id ORDER BY 1",
  },
  "text keys that become numbers, and tables that refer to each other": {
    types: [text, z.int64()],
    old: (type) => [
      model("star", { id: type, best: type.nullable() }, {
        primaryKey: ["id"],
        foreignKeys: [{
          fields: ["best"],
          references: { table: "detection", fields: ["id"] },
        }],
      }),
      model("detection", { id: type, star_id: type }, {
        primaryKey: ["id"],
        foreignKeys: [{
          fields: ["star_id"],
          references: { table: "star", fields: ["id"] },
        }],
      }),
    ],
    statements: [
      many("star", "id", "n"),
      many("detection", "id, star_id", "n, n"),
      "UPDATE star SET best = id",
    ],
    says: [],
    query:
      "SELECT star.id::bigint, best, detection.id FROM star JOIN detection ON star_id = star.id ORDER BY 1",
  },
};

for (const engine of SERVERS) {
  for (const [name, special] of Object.entries(SPECIAL)) {
    if (!NEWEST_SERVERS.includes(engine) && !name.includes("partition")) {
      continue;
    }
    test(`${engine.name}: the sketch of ${name} runs and names what it cannot do quickly`, async () => {
      await using folder = await testFolder("sql");
      const { directory } = folder;
      const place = await engine.place();
      try {
        const [before, after] = special.types ?? [z.int32(), z.int64()];
        const old = await place.open(special.old(before));
        await old.createDb();
        for (const statement of special.statements) await place.run(statement);
        await makeMigrations(old, { directory });
        const rows = await place.run(special.query);
        const db = await place.open(special.old(after));
        const sketch = printed(
          await makeMigrations(db, { directory }).catch((error) => error),
        );
        for (const pattern of special.says) assert.match(sketch, pattern);
        await folder.write({
          "20260101T000000_bigint.up.sql": sketch,
          "20260101T000000_bigint.down.sql":
            "-- dbp:irreversible a number may not fit integer\n",
        });
        await migrate(db, { directory });
        // Keys and indexes of computed columns are added again.
        await makeMigrations(db, { directory, name: "rest" });
        await migrate(db, { directory });
        assert.deepEqual((await makeMigrations(db, { directory })).changes, []);
        assert.deepEqual((await drift(db, { directory })).differences, []);
        assert.deepEqual(await place.run(special.query), rows);
      } finally {
        await place.close();
      }
    });
  }
}

test("a column of a partition key is not replaced, and the sketch says why", async () => {
  await using folder = await testFolder("sql");
  const { directory } = folder;
  const place = await onServer.place();
  const parted = (type: z.ZodType) => [
    model("star", { id: type }, {
      primaryKey: ["id"],
      partitionBy: { hash: "id", partitions: 2 },
    }),
  ];
  const old = await place.open(parted(z.int32()));
  await old.createDb();
  await makeMigrations(old, { directory });
  const db = await place.open(parted(z.int64()));
  assert.match(
    printed(await makeMigrations(db, { directory }).catch((error) => error)),
    /-- star is partitioned by HASH \(id\)\. PostgreSQL can neither change the type .*PARTITION BY HASH \(id\)/s,
  );
  await place.close();
});

test("a rule that does not fit the new type is named, with the reason of the server", async () => {
  await using folder = await testFolder("sql");
  const { directory } = folder;
  const place = await embedded.place();
  const named = (type: z.ZodType) => [
    model("star", { code: type }, { primaryKey: ["id"] }),
  ];
  const old = await place.open(named(text.meta({ sqlType: "text" })));
  await old.createDb();
  await place.run(
    "ALTER TABLE star ADD CONSTRAINT coded CHECK (length(code) > 0)",
  );
  await makeMigrations(old, { directory });
  const db = await place.open(named(z.int64()));
  assert.match(
    printed(await makeMigrations(db, { directory }).catch((error) => error)),
    /^-- The keys, checks, indexes and computed columns of star cannot be created with the new types, .*function length\(bigint\) does not exist/,
  );
  await place.close();
});
