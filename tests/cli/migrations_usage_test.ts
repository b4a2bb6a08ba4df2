// Help, spellings and wrong values of the commands for migrations.
import assert from "node:assert/strict";
import { dbp } from "../support/cli.ts";

/** The end of every page of help but the examples. */
const SHARED = {
  "--migrations DIR":
    "The folder of migrations, with sql or mongo in it; ./migrations by default.",
  "--settings_path, --settings-path PATH":
    "The settings file, or the folder it is in; this folder by default.",
  "--db KEY": "The entry of DB_CONFIG; SQL where there is one.",
  "--json": "Print one JSON object instead of lines.",
};
const TO_RUN = {
  "--dry-run, --dry_run": "Tell what would be done, and do nothing.",
  "--lock-wait, --lock_wait TIME":
    "How long to wait for another process that migrates; 60s by default.",
};

/** A page of help: what the command does, its options, examples. */
type Page = readonly [
  brief: string,
  description: string,
  options: Readonly<Record<string, string>>,
  examples: readonly string[],
];

const PAGES: Readonly<Record<string, Page>> = {
  make_migrations: [
    "Write the files that make the database what the models say.",
    "Compares the database with the models and writes two files, up and down, to read, edit and keep with the models. They are proven on the database first, without leaving a trace. What could be read in two ways, a rename or a drop, is asked for at a terminal; elsewhere the options that answer are named, with exit code 7.",
    {
      "--name WORDS": "What to call the files; by default what they do.",
      "--empty": "Write files to be filled by hand.",
      "--check":
        "Write nothing; exit with 2 where there is something to write.",
      "--dry-run, --dry_run": "Show the files instead of writing them.",
      "--rename OLD=NEW":
        "A table or column that has a new name; may be repeated.",
      "--drop NAME":
        "A table or column that goes and is no rename; may be repeated.",
      "--default COLUMN=VALUE":
        "What rows that are there get in a new column; may be repeated.",
      ...SHARED,
    },
    [
      "dbp make_migrations",
      "dbp make_migrations --name add_drb --dry-run",
      "dbp make_migrations --rename object.ndet=object.detections",
      "dbp make_migrations --check",
    ],
  ],
  migrate: [
    "Apply the migrations that are pending.",
    "Applies the migrations that are pending, under a lock, one step after the other, each recorded as it is done. The first failure stops; run again, it goes on at that step. Ctrl-C stops it too, with exit code 130.",
    {
      "--to ID": "The last migration to apply; the newest by default.",
      "--steps N": "How many to apply; all by default.",
      ...TO_RUN,
      "--allow-out-of-order, --allow_out_of_order":
        "Apply files too that are older than one that is applied.",
      ...SHARED,
    },
    [
      "dbp migrate",
      "dbp migrate --dry-run",
      "dbp migrate --to 20260930T141502_add_drb --lock-wait 5m",
    ],
  ],
  rollback: [
    "Take back the newest migration, or several.",
    "Runs the down files of the newest migrations, newest first, under the same lock as migrate. Asks first where one of them says that data goes. A file that is not there any more is taken from the history.",
    {
      "--to ID": "The last migration to keep.",
      "--steps N": "How many to take back; 1 by default.",
      ...TO_RUN,
      "--baseline":
        "Take back a baseline too, and so what was there before migrations were.",
      "--yes, -y": "Do not ask, even where data goes.",
      ...SHARED,
    },
    [
      "dbp rollback",
      "dbp rollback --steps 2 --dry-run",
      "dbp rollback --to 20260930T141502_add_drb --yes",
    ],
  ],
  status: [
    "Tell what is applied and what is pending.",
    "Tells which migrations are applied, which are pending, where one stopped, and which files were edited or are missing. Changes nothing and takes no lock.",
    {
      "--check": "Exit with 2 where something is pending.",
      ...SHARED,
    },
    ["dbp status", "dbp status --check --json"],
  ],
  history: [
    "Tell every run of every migration: when, by whom, how long it took.",
    "",
    {
      "--limit N": "How many runs, from the newest; all by default.",
      ...SHARED,
    },
    ["dbp history", "dbp history --limit 10 --json"],
  ],
  check: [
    "Look for everything that could be wrong.",
    "Reads every file and the history, and tells everything that is wrong: files that cannot be read or were edited, 4; rules for live databases that are broken, 6; differences between the database, its history and the models, 5; migrations that are pending, 2. The exit code is the first of those.",
    {
      ...SHARED,
    },
    ["dbp check", "dbp check --json"],
  ],
  drift: [
    "Tell what was changed by other means.",
    "Compares the schema with what it was after the last migration, and with the models. Where it differs, every difference is named, with exit code 5.",
    {
      ...SHARED,
    },
    ["dbp drift", "dbp drift --json"],
  ],
  stamp: [
    "Record migrations as applied without running them.",
    "Records migrations as applied without running them, for a database that has their changes already, and those that were edited since as they are now. Nothing else is written.",
    {
      "--to ID":
        "The last migration whose changes are there; the newest by default.",
      "--remove ID":
        "Take a wrong stamp away, so that the migration is pending again.",
      ...TO_RUN,
      ...SHARED,
    },
    [
      "dbp stamp",
      "dbp stamp --to 20260930T141502_add_drb",
      "dbp stamp --remove 20260930T141502_add_drb",
    ],
  ],
  sql: [
    "Print what migrate would run.",
    "Prints the files that migrate would run, or with --down those of rollback, and runs nothing.",
    {
      "--to ID": "The last migration to apply; with --down, the last to keep.",
      "--steps N": "How many; all by default, with --down 1.",
      "--down": "What rollback would run.",
      ...SHARED,
    },
    ["dbp sql", "dbp sql --down --steps 2"],
  ],
};

for (
  const [command, [brief, description, options, examples]] of Object.entries(
    PAGES,
  )
) {
  Deno.test(`help of ${command} names each option and gives examples`, async () => {
    const { code, out, err } = await dbp(command, "--help");
    const [first = "", ...rest] = out.split("\n\n");
    const [title, usage = ""] = first.split("\n");
    assert.deepEqual([code, err, title], [0, "", brief]);
    for (const names of Object.keys(options)) {
      const [name = ""] = names.split(/[ ,]/);
      assert.ok(usage.includes(`[${name}`), name);
    }
    const width = Math.max(...Object.keys(options).map(({ length }) => length));
    assert.deepEqual(rest, [
      ...(description === "" ? [] : [description]),
      Object.entries(options).map(([names, meaning]) =>
        `  ${names.padEnd(width)}  ${meaning}`
      ).join("\n"),
      `Examples:\n${examples.map((line) => `  ${line}\n`).join("")}`,
    ]);
  });
}

Deno.test("a command is the same with hyphens", async () => {
  const ask = (...args: readonly string[]) => dbp(...args, "--help");
  assert.deepEqual(await ask("make-migrations"), await ask("make_migrations"));
  assert.deepEqual(
    await dbp("help", "make-migrations"),
    await ask("make_migrations"),
  );
  // Both spellings of an option reach the same place: the settings, which are not there.
  for (
    const line of [
      "make-migrations --dry_run",
      "make_migrations --dry-run --rename a=b --rename=c.x=c.y --drop d --drop e.f --default g.h=",
      "migrate --lock_wait 5m --allow_out_of_order --steps 2",
      "migrate --lock-wait=500ms --allow-out-of-order --to 20260930T141502_add_drb",
      "rollback --lock_wait 0 --dry_run -y --baseline",
      "stamp --lock-wait 1.5h --dry-run",
      "sql --down --steps 3",
      "history --limit 10",
      "status --check --json",
    ]
  ) {
    const { code, out, err } = await dbp(
      ...line.split(" "),
      "--settings-path=/nowhere",
    );
    assert.equal(code, 1, line);
    assert.match(out + err, /Settings file not found: \/nowhere/, line);
  }
});

/** Command lines that are wrong, and what is said of them. */
const WRONG: readonly (readonly [string, string])[] = [
  [
    "make_migraton",
    "There is no command make_migraton; did you mean make_migrations?",
  ],
  [
    "make-migration",
    "There is no command make-migration; did you mean make_migrations?",
  ],
  ["migrte", "There is no command migrte; did you mean migrate?"],
  ["migrate --stps 3", "migrate takes no --stps; did you mean --steps?"],
  ["migrate --dryrun", "migrate takes no --dryrun; did you mean --dry-run?"],
  ["migrate --rename a=b", "migrate takes no --rename."],
  ["status --limit 3", "status takes no --limit."],
  [
    "make_migrations --name widen ndet",
    'make_migrations takes no ndet; did you mean --name "widen ndet"?',
  ],
  ["rollback add_mag", "rollback takes no add_mag."],
  [
    "migrate --lock-wait 5x",
    "--lock-wait takes a time with its unit (ms, s, m or h), not 5x; write --lock-wait 60s.",
  ],
  [
    "migrate --lock_wait 60",
    "--lock-wait takes a time with its unit (ms, s, m or h), not 60; write --lock-wait 60s.",
  ],
  [
    "migrate --lock-wait=-5s",
    "--lock-wait takes a time with its unit (ms, s, m or h), not -5s; write --lock-wait 60s.",
  ],
  [
    "migrate --to=",
    "--to takes a migration's name, not nothing; write --to 20260930T141502_add_drb.",
  ],
  [
    "migrate --migrations=",
    "--migrations takes a folder, not nothing; write --migrations ./migrations.",
  ],
  [
    "rollback --steps 0",
    "--steps takes a whole number from 1, not 0; write --steps 1.",
  ],
  [
    "rollback --steps 1.5",
    "--steps takes a whole number from 1, not 1.5; write --steps 1.",
  ],
  ["rollback --steps", "--steps requires N."],
  [
    "history --limit ten",
    "--limit takes a whole number from 1, not ten; write --limit 10.",
  ],
  [
    "make_migrations --rename a=b.c",
    "--rename takes two names of tables, or two of columns in one table, not a=b.c; write --rename object.ndet=object.detections.",
  ],
  [
    "make_migrations --rename a.x=b.x",
    "--rename takes two names of tables, or two of columns in one table, not a.x=b.x; write --rename object.ndet=object.detections.",
  ],
  [
    "make_migrations --rename a",
    "--rename takes two names of tables, or two of columns in one table, not a; write --rename object.ndet=object.detections.",
  ],
  [
    "make_migrations --rename a=b=c",
    "--rename takes two names of tables, or two of columns in one table, not a=b=c; write --rename object.ndet=object.detections.",
  ],
  [
    "make_migrations --drop a..b",
    "--drop takes a table or a column with its table, not a..b; write --drop object.ndet.",
  ],
  [
    "make_migrations --default ndet=0",
    "--default takes a column with its table, and what it gets, not ndet=0; write --default object.ndet=0.",
  ],
  [
    "make_migrations --rename a=b --rename a=c",
    "--rename says two things of a: b and c.",
  ],
  [
    "make_migrations --default a.b=1 --default a.b=2",
    "--default says two things of a.b: 1 and 2.",
  ],
];

Deno.test("a wrong value is a usage error that names the option and a right one", async () => {
  for (const [line, said] of WRONG) {
    const [command = ""] = line.split(" ");
    const help = /^There is no/.test(said)
      ? "dbp --help"
      : `dbp ${command} --help`;
    assert.deepEqual(
      await dbp(...line.split(" ")),
      {
        code: 64,
        out: "",
        err: `dbp: ${said} \`${help}\` tells what there is\n`,
      },
      line,
    );
  }
});
