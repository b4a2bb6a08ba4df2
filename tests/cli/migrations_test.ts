// The output of the migration commands without errors, on PostgreSQL 18, 15 and PGlite.
import assert from "node:assert/strict";
import {
  embeddedProject,
  type Project,
  serverProject,
  star,
} from "../support/cli_project.ts";
import { postgres15Settings } from "../support/engines.ts";
import { soon } from "../support/migrations_folder.ts";
import { ROUNDS } from "../support/rounds.ts";

const VERSIONS = {
  one: star(""),
  two: star("mag: z.float64().nullable()", `indexes: [{ fields: ["name"] }]`),
};
const SERVER = "PostgreSQL at SERVER, database postgres";
const old = postgres15Settings();
const ENGINES: readonly (readonly [
  name: string,
  open: (versions: typeof VERSIONS) => Promise<Project>,
  database: string,
])[] = [
  ["postgresql", serverProject, SERVER],
  // The output is the same on each version.
  ...old === undefined || ROUNDS === 1 ? [] : [
    [
      "postgresql 15",
      (versions: typeof VERSIONS) => serverProject(versions, old),
      SERVER,
    ] as const,
  ],
  ["pglite", embeddedProject, "PGlite in FOLDER/data"],
];

/** A test on every engine. It leaves timers of its connections running. */
function test(
  name: string,
  fn: (project: Project, database: string) => Promise<void>,
  engines: typeof ENGINES = ENGINES,
): void {
  for (const [engine, open, database] of engines) {
    Deno.test({
      name: `${engine}: ${name}`,
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        await using project = await open(VERSIONS);
        await fn(project, database);
      },
    });
  }
}

/** The files of the second version. */
const UP = `\
-- Each step runs and is recorded separately. You can edit this file until it is applied.

-- dbp:step
ALTER TABLE star ADD COLUMN mag double precision;

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_star_name ON star USING btree (name);
`;
const DOWN = `\
-- Each step runs and is recorded separately. You can edit this file until it is applied.
-- dbp:destructive drop-column star.mag

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
DROP INDEX CONCURRENTLY ix_star_name;

-- dbp:step
ALTER TABLE star DROP COLUMN mag;
`;

test(
  "migrations are made, applied, shown and rolled back",
  async (project, database) => {
    /** Runs a line and checks its output and exit code. */
    const run = async (
      version: keyof typeof VERSIONS,
      line: string,
      out: readonly string[],
      { code = 0, err = [] }: { code?: number; err?: readonly string[] } = {},
    ): Promise<void> => {
      const text = (lines: readonly string[]) =>
        lines.map((line) => `${line}\n`).join("");
      assert.deepEqual(
        await project.dbp(version, line),
        { code, out: text(out), err: text(err) },
        line,
      );
    };
    const files = `${database}, files in FOLDER/migrations/sql`;

    await run("one", "status", [], {
      code: 4,
      err: [
        "dbp: Cannot find the migrations folder FOLDER/migrations/sql. `dbp initdb` creates it and begins the history; use --migrations for another folder",
      ],
    });
    await run("one", "make_migrations", [
      "add the table star",
      "Wrote FOLDER/migrations/sql/TIME_add_star.up.sql",
      "Wrote FOLDER/migrations/sql/TIME_add_star.down.sql",
      "Migrations made with config from FOLDER/one.ts: review them, then run `dbp migrate`",
    ]);
    await run("one", "make_migrations", [], {
      code: 2,
      err: [
        "dbp: Cannot generate a migration while TIME_add_star is pending. Apply it with `dbp migrate`, or remove its files",
      ],
    });
    const pending = [
      files,
      "pending  TIME_add_star  1 step",
      "0 applied, 1 pending: apply with `dbp migrate` (config from FOLDER/one.ts)",
    ];
    await run("one", "status", pending);
    await run("one", "status --check", pending, { code: 2 });
    await run("one", "migrate --dry-run", [
      "Would apply TIME_add_star, 1 step",
      "Nothing was done (config from FOLDER/one.ts)",
    ]);
    await run("one", "history", [
      "No migration has been applied (config from FOLDER/one.ts)",
    ]);
    await run("one", "migrate", [
      "Applied TIME_add_star, 1 step in N",
      "Migrated database with config from FOLDER/one.ts",
    ], {
      err: [
        "Applying TIME_add_star, 1 step",
        "  step 1 of 1: CREATE TABLE star ( id integer NOT NULL, name character varying, CONSTRAINT sta…",
        "  done in N",
      ],
    });
    await run("one", "migrate", [
      "Nothing to do: all migrations are applied (config from FOLDER/one.ts)",
    ]);
    await run("one", "make_migrations", [
      "Nothing to do: the database matches the models (config from FOLDER/one.ts)",
    ]);
    await run("one", "make-migrations --check", [
      "Nothing to do: the database matches the models (config from FOLDER/one.ts)",
    ]);

    await run("two", "make-migrations --check", [], {
      code: 2,
      err: [
        "dbp: The models are ahead of the migrations. `dbp make_migrations` would generate:",
        "  add the column star.mag (double precision)",
        "  add the index ix_star_name on star USING btree (name)",
      ],
    });
    const changes = [
      "add the column star.mag (double precision)",
      "add the index ix_star_name on star USING btree (name)",
    ];
    await run("two", "make_migrations --dry-run --name second", [
      ...changes,
      "",
      "FOLDER/migrations/sql/TIME_second.up.sql:",
      ...UP.split("\n"),
      "",
      "FOLDER/migrations/sql/TIME_second.down.sql:",
      ...DOWN.split("\n"),
      "Nothing was written (config from FOLDER/two.ts)",
    ]);
    assert.equal((await project.files()).length, 2);
    await run("two", "make_migrations --name second", [
      ...changes,
      "Wrote FOLDER/migrations/sql/TIME_second.up.sql",
      "Wrote FOLDER/migrations/sql/TIME_second.down.sql",
      "Migrations made with config from FOLDER/two.ts: review them, then run `dbp migrate`",
    ]);
    assert.equal(await project.read("second.up.sql"), UP);
    assert.equal(await project.read("second.down.sql"), DOWN);
    await run("two", "migrate", [
      "Applied TIME_second, 2 steps in N",
      "Migrated database with config from FOLDER/two.ts",
    ], {
      err: [
        "Applying TIME_second, 2 steps",
        "  step 1 of 2: ALTER TABLE star ADD COLUMN mag double precision",
        "  step 2 of 2: CREATE INDEX CONCURRENTLY ix_star_name ON star USING btree (name)",
        "  done in N",
      ],
    });
    await run("two", "status --check", [
      files,
      "applied  TIME_add_star  WHEN, in N",
      "applied  TIME_second  WHEN, in N",
      "2 applied, 0 pending (config from FOLDER/two.ts)",
    ]);
    await run("two", "check", [
      "No problems found (config from FOLDER/two.ts)",
    ]);
    await run("two", "drift", [
      `No drift in ${database} (config from FOLDER/two.ts)`,
    ]);
    await run("two", "sql", [
      "-- Nothing to apply (config from FOLDER/two.ts)",
    ]);

    const loss = "data loss: drop-column star.mag";
    await run("two", "rollback --dry-run", [
      `Would roll back TIME_second, 2 steps, ${loss}`,
      "Nothing was done (config from FOLDER/two.ts)",
    ]);
    await run("two", "rollback", [], {
      code: 7,
      err: [
        `dbp: Cannot ask for confirmation without a terminal: Roll back TIME_second (drop-column star.mag)? This loses data in ${database}. Pass --yes to confirm`,
      ],
    });
    await run("two", "rollback --yes", [
      "Rolled back TIME_second, 2 steps in N",
      "Rolled back database with config from FOLDER/two.ts",
    ], {
      err: [
        "Rolling back TIME_second, 2 steps",
        "  step 1 of 2: DROP INDEX CONCURRENTLY ix_star_name",
        "  step 2 of 2: ALTER TABLE star DROP COLUMN mag",
        "  done in N",
      ],
    });
    await run("two", "history", [
      "WHEN  applied      TIME_add_star, 1 of 1 step, in N, by USER on HOST",
      "WHEN  applied      TIME_second, 2 of 2 steps, in N, by USER on HOST",
      "WHEN  rolled back  TIME_second, 2 of 2 steps, in N, by USER on HOST",
    ]);
    await run("two", "history --limit 1", [
      "2 older runs not shown",
      "WHEN  rolled back  TIME_second, 2 of 2 steps, in N, by USER on HOST",
    ]);
    await run("two", "rollback -y", [
      "Rolled back TIME_add_star, 1 step in N",
      "Rolled back database with config from FOLDER/two.ts",
    ], {
      err: [
        "Rolling back TIME_add_star, 1 step",
        "  step 1 of 1: DROP TABLE star",
        "  done in N",
      ],
    });
    await run("two", "rollback", [
      "Nothing to roll back (config from FOLDER/two.ts)",
    ]);
    await run("two", "migrate --steps 1", [
      "Applied TIME_add_star, 1 step in N",
      "Still pending: TIME_second",
      "Migrated database with config from FOLDER/two.ts",
    ], {
      err: [
        "Applying TIME_add_star, 1 step",
        "  step 1 of 1: CREATE TABLE star ( id integer NOT NULL, name character varying, CONSTRAINT sta…",
        "  done in N",
      ],
    });
    await run("two", "stamp --dry-run", [
      "Would record TIME_second as applied, without running it",
      "Nothing was done (config from FOLDER/two.ts)",
    ]);
    await run("two", "stamp", [
      "Recorded TIME_second as applied, without running it",
      "Stamped database with config from FOLDER/two.ts",
    ]);
    await run("two", "status", [
      files,
      "applied  TIME_add_star  WHEN, in N",
      "applied  TIME_second  WHEN, stamped",
      "2 applied, 0 pending (config from FOLDER/two.ts)",
    ]);
    await run("two", "history --limit 1", [
      "5 older runs not shown",
      "WHEN  applied      TIME_second, stamped, not run, by USER on HOST",
    ]);
    await run("two", "stamp", [
      "Nothing to record: all migrations are applied (config from FOLDER/two.ts)",
    ]);
    // It was not run, and drift shows it.
    await run("two", "drift", [
      "The database differs from the models and needs these changes:",
      ...changes.map((change) => `  ${change}`),
      "Run `dbp make_migrations`, or correct the models",
      `Drift in ${database} (config from FOLDER/two.ts)`,
    ], { code: 5 });
    // The stamp was wrong, and is removed without running anything.
    await run("two", "rollback --yes", [], {
      code: 1,
      err: [
        "dbp: Cannot roll back TIME_second: it is a baseline that was stamped and not run, so its down migration may drop objects that existed before. To remove only the stamp, run `dbp stamp --remove TIME_second`; to run the down migration, add --baseline. Nothing was rolled back",
      ],
    });
    await run("two", "stamp --remove add_star", [], {
      code: 1,
      err: [
        "dbp: Cannot remove the stamp of TIME_add_star: it was run, not stamped. Roll it back with `dbp rollback`",
      ],
    });
    await run("two", "stamp --remove second --dry-run", [
      "Would remove the stamp of TIME_second, which would then be pending",
      "Nothing was done (config from FOLDER/two.ts)",
    ]);
    await run("two", "stamp --remove second", [
      "Removed the stamp of TIME_second, which is now pending",
      "Changed the history with config from FOLDER/two.ts",
    ]);
    await run("two", "history", [
      "WHEN  applied      TIME_add_star, 1 of 1 step, in N, by USER on HOST",
      "WHEN  applied      TIME_second, 2 of 2 steps, in N, by USER on HOST",
      "WHEN  rolled back  TIME_second, 2 of 2 steps, in N, by USER on HOST",
      "WHEN  rolled back  TIME_add_star, 1 of 1 step, in N, by USER on HOST",
      "WHEN  applied      TIME_add_star, 1 of 1 step, in N, by USER on HOST",
      "WHEN  applied      TIME_second, stamped, not run, by USER on HOST",
      "WHEN  rolled back  TIME_second, stamp removed, by USER on HOST",
    ]);
    await run("two", "migrate --to second --dry-run", [
      "Would apply TIME_second, 2 steps",
      "Nothing was done (config from FOLDER/two.ts)",
    ]);
  },
  // Each command opens PGlite once more: its long list is for the night.
  ENGINES.filter(([engine]) => engine !== "pglite" || ROUNDS > 1),
);

test("initdb writes a baseline, the next migration follows it, and status shows a failed one", async (project) => {
  const lines:
    readonly (readonly [keyof typeof VERSIONS, string, number, RegExp?])[] = [
      ["one", "initdb", 0],
      ["two", "make_migrations --name second", 0],
      ["two", "migrate", 0],
      ["two", "check", 0],
      ["two", "migrate", 1, /TIME_manual\.up\.sql:1.*division by zero/],
      ["two", "status", 0, /TIME_manual .*division by zero/],
    ];
  for (const [version, line, code, expected] of lines) {
    if (code === 1) {
      await project.write(
        `${soon("manual", 300)}.up.sql`,
        "select 1 / 0;\n",
      );
    }
    const ran = await project.dbp(version, line);
    const all = ran.out + ran.err;
    assert.equal(ran.code, code, `${line}: ${all}`);
    if (expected !== undefined) assert.match(all, expected);
  }
  const [down, up] = (await project.files()).map(project.plain);
  assert.deepEqual([down, up], [
    "TIME_baseline.down.sql",
    "TIME_baseline.up.sql",
  ]);
});

test("with --json a command prints one object", async (project, database) => {
  const run = async (
    version: keyof typeof VERSIONS,
    line: string,
  ): Promise<unknown> => {
    const { out } = await project.dbp(version, `${line} --json`);
    assert.match(out, /^.*\n$/);
    return JSON.parse(out, (key, value) => key === "milliseconds" ? 0 : value);
  };
  const path = "FOLDER/one.ts";
  const id = "TIME_add_star";
  const made = await run("one", "make_migrations");
  assert.deepEqual(made, {
    path,
    files: {
      id,
      up: `FOLDER/migrations/sql/${id}.up.sql`,
      down: `FOLDER/migrations/sql/${id}.down.sql`,
      upText: await project.read("up.sql"),
      downText: await project.read("down.sql"),
    },
    written: true,
    changes: ["add the table star"],
    unmanaged: [],
  });
  const pending = [
    {
      ...{ id, steps: 1, stepsDone: 0, outOfOrder: false },
      ...{ destructive: [], reversible: true },
    },
  ];
  const folder = "FOLDER/migrations/sql";
  assert.deepEqual(await run("one", "status"), {
    path,
    folder,
    place: database,
    applied: [],
    pending,
    problems: [],
    exitCode: 2,
  });
  assert.deepEqual(await run("one", "sql"), {
    path,
    sql: project.plain(
      (await project.read("up.sql"))
        .replace(" You can edit this file until it is applied.", "")
        .replace(
          "CREATE",
          `-- ${folder}/${id}.up.sql, step 1 of 1\nCREATE`,
        ),
    ),
  });
  assert.deepEqual(await run("one", "migrate --dry-run"), {
    path,
    folder,
    files: 1,
    applied: [],
    pending,
    outOfOrder: [],
  });
  assert.deepEqual(await run("one", "migrate"), {
    path,
    folder,
    files: 1,
    applied: [{ id, steps: 1, milliseconds: 0 }],
    pending: [],
    outOfOrder: [],
  });
  const drift = {
    place: database,
    since: id,
    changed: false,
    differences: [],
    lookupRows: [],
    unmanaged: [],
    pending: [],
    exitCode: 0,
  };
  assert.deepEqual(await run("one", "drift"), { path, ...drift });
  assert.deepEqual(await run("one", "check"), {
    path,
    folder,
    place: database,
    problems: [],
    pending: [],
    drift,
    exitCode: 0,
  });
  assert.deepEqual(await run("one", "stamp"), {
    path,
    folder,
    files: 1,
    stamped: [],
    accepted: [],
    removed: [],
  });
  assert.deepEqual(await run("one", "rollback --dry-run"), {
    path,
    neverApplied: [],
    reverted: [],
    pending: [{
      id,
      steps: 1,
      fromHistory: false,
      destructive: ["drop-table star"],
    }],
  });
  const history = await run("one", "history");
  assert.match(
    JSON.stringify(history),
    /"migrations":\[\{"id":"TIME_add_star".*"state":"applied".*"former":\[\]/,
  );
  assert.deepEqual(await run("one", "rollback --yes"), {
    path,
    neverApplied: [],
    reverted: [{ id, steps: 1, milliseconds: 0 }],
    pending: [],
  });
});
