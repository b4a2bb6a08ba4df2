// Help, completions, and what is said of a command line that is wrong.
import assert from "node:assert/strict";
import meta from "../../deno.json" with { type: "json" };
import { dbp, dbpProcess } from "../support/cli.ts";

const HELP =
  `Databases of ALeRCE's alert brokers: one model, PostgreSQL and more.
Usage: dbp initdb [--create-database/--create_database] [--migrations DIR] [--settings_path/--settings-path PATH] [--db KEY] [--json]
       dbp make_migrations [--name WORDS] [--empty] [--check] [--dry-run/--dry_run] [--rename OLD=NEW...] [--drop NAME...] [--default COLUMN=VALUE...] [--migrations DIR] [--settings_path/--settings-path PATH] [--db KEY] [--json]
       dbp migrate [--to ID] [--steps N] [--dry-run/--dry_run] [--lock-wait/--lock_wait TIME] [--allow-out-of-order/--allow_out_of_order] [--migrations DIR] [--settings_path/--settings-path PATH] [--db KEY] [--json]
       dbp rollback [--to ID] [--steps N] [--dry-run/--dry_run] [--lock-wait/--lock_wait TIME] [--baseline] [--yes/-y] [--migrations DIR] [--settings_path/--settings-path PATH] [--db KEY] [--json]
       dbp status [--check] [--migrations DIR] [--settings_path/--settings-path PATH] [--db KEY] [--json]
       dbp history [--limit N] [--migrations DIR] [--settings_path/--settings-path PATH] [--db KEY] [--json]
       dbp check [--migrations DIR] [--settings_path/--settings-path PATH] [--db KEY] [--json]
       dbp drift [--migrations DIR] [--settings_path/--settings-path PATH] [--db KEY] [--json]
       dbp stamp [--to ID] [--remove ID] [--dry-run/--dry_run] [--lock-wait/--lock_wait TIME] [--migrations DIR] [--settings_path/--settings-path PATH] [--db KEY] [--json]
       dbp sql [--to ID] [--steps N] [--down] [--migrations DIR] [--settings_path/--settings-path PATH] [--db KEY] [--json]
       dbp dropdb [--yes/-y] [--settings_path/--settings-path PATH] [--db KEY] [--json]
       dbp help [COMMAND...]
       dbp completions [SHELL] [ARG...]
       dbp --help/-h
       dbp --version

  initdb           Make the tables that the models describe.
  make_migrations  Write the files that make the database what the models say.
  migrate          Apply the migrations that are pending.
  rollback         Take back the newest migration, or several.
  status           Tell what is applied and what is pending.
  history          Tell every run of every migration: when, by whom, how long it took.
  check            Look for everything that could be wrong.
  drift            Tell what was changed by other means.
  stamp            Record migrations as applied without running them.
  sql              Print what migrate would run.
  dropdb           Drop the models' tables and all that is in them.
  help             Show help information.
  completions      Generate shell completion script or provide completions.
  --help, -h       Show help information.
  --version        Show version information.

Examples:
  dbp initdb --settings_path ./conf
  dbp make_migrations
  dbp migrate
  dbp completions bash > dbp.bash
`;

const INITDB = `Make the tables that the models describe.
Usage: dbp initdb [--create-database/--create_database] [--migrations DIR] [--settings_path/--settings-path PATH] [--db KEY] [--json]

Makes the tables that the models describe, with keys and indexes: from the files of migrations where there are any, else from the models, and then a first file is written. Tables that are there must be what the models say; if they are not, every difference is named and nothing is changed. Afterwards make_migrations finds nothing to do.

  --create-database, --create_database   Make the database itself too, where it is missing.
  --migrations DIR                       The folder of migrations, with sql or mongo in it; ./migrations by default.
  --settings_path, --settings-path PATH  The settings file, or the folder it is in; this folder by default.
  --db KEY                               The entry of DB_CONFIG; SQL where there is one.
  --json                                 Print one JSON object instead of lines.

Examples:
  dbp initdb
  dbp initdb --settings_path ./conf --create-database
`;

const DROPDB = `Drop the models' tables and all that is in them.
Usage: dbp dropdb [--yes/-y] [--settings_path/--settings-path PATH] [--db KEY] [--json]

Drops the models' tables, all that is in them, and the history of migrations; never the database itself. Asks first.

  --yes, -y                              Do not ask.
  --settings_path, --settings-path PATH  The settings file, or the folder it is in; this folder by default.
  --db KEY                               The entry of DB_CONFIG; SQL where there is one.
  --json                                 Print one JSON object instead of lines.

Examples:
  dbp dropdb
  dbp dropdb --yes --settings_path ./conf
`;

Deno.test("help is the same however it is asked for", async () => {
  const asked: [string, string[][]][] = [
    [HELP, [[], ["--help"], ["-h"], ["help"]]],
    [INITDB, [["initdb", "--help"], ["initdb", "-h"], ["help", "initdb"]]],
    [DROPDB, [["dropdb", "--yes", "--help"], ["help", "dropdb"]]],
  ];
  for (const [out, lines] of asked) {
    for (const args of lines) {
      assert.deepEqual(await dbp(...args), { code: 0, out, err: "" });
    }
  }
});

Deno.test("the version is the package's", async () => {
  const out = `${meta.version}\n`;
  assert.deepEqual(await dbp("--version"), { code: 0, out, err: "" });
  assert.deepEqual(await dbpProcess(["--version"]), { code: 0, out, err: "" });
});

/** Command lines that are wrong, and what is said of them. */
const WRONG: [string, string][] = [
  [
    "inidb",
    "There is no command inidb; did you mean initdb? `dbp --help` tells what there is",
  ],
  [
    "migrations",
    "There is no command migrations. `dbp --help` tells what there is",
  ],
  [
    "complettions bash",
    "There is no command complettions; did you mean completions? `dbp --help` tells what there is",
  ],
  [
    "--verison",
    "There is no option --verison before the command; did you mean --version? `dbp --help` tells what there is",
  ],
  [
    "--yes dropdb",
    "There is no option --yes before the command. `dbp --help` tells what there is",
  ],
  [
    "initdb --setings_path=x",
    "initdb takes no --setings_path; did you mean --settings_path? `dbp initdb --help` tells what there is",
  ],
  [
    "initdb --create-databse",
    "initdb takes no --create-databse; did you mean --create-database? `dbp initdb --help` tells what there is",
  ],
  [
    "dropdb --create-database",
    "dropdb takes no --create-database. `dbp dropdb --help` tells what there is",
  ],
  [
    "dropdb yes",
    "dropdb takes no yes; did you mean --yes? `dbp dropdb --help` tells what there is",
  ],
  ["initdb --db", "--db requires KEY. `dbp initdb --help` tells what there is"],
  [
    "initdb --db A --db B",
    "--db cannot be used multiple times. `dbp initdb --help` tells what there is",
  ],
  [
    "help inidb",
    "Unexpected option or subcommand: inidb. Did you mean initdb? `dbp --help` tells what there is",
  ],
  [
    "completions",
    "Missing shell name for completion. `dbp completions --help` tells what there is",
  ],
  [
    "completions bsh",
    "Unsupported shell bsh. Available shells: bash, fish, nu, pwsh, zsh. `dbp completions --help` tells what there is",
  ],
];

Deno.test("a wrong command line is told of with the nearest right name, and exits with 64", async () => {
  for (const [line, message] of WRONG) {
    assert.deepEqual(
      await dbp(...line.split(" ")),
      { code: 64, out: "", err: `dbp: ${message}\n` },
      line,
    );
  }
  const [line = "", message] = WRONG[0] ?? [];
  assert.deepEqual(await dbpProcess([line, "--json"]), {
    code: 64,
    out: JSON.stringify({ error: { name: "UsageError", message } }) + "\n",
    err: "",
  });
});

Deno.test("every shell has a script of completions, and bash can read its own", async () => {
  for (const shell of ["bash", "zsh", "fish", "pwsh", "nu"]) {
    const { code, out, err } = await dbp("completions", shell);
    assert.deepEqual([code, err], [0, ""]);
    assert.ok(out.includes("completions") && out.includes(shell), shell);
  }
  const bash = new Deno.Command("bash", {
    args: ["-n"],
    stdin: "piped",
    stderr: "piped",
  }).spawn();
  const script = bash.stdin.getWriter();
  await script.write(
    new TextEncoder().encode((await dbp("completions", "bash")).out),
  );
  await script.close();
  const { code, stderr } = await bash.output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
});

Deno.test("completions are one a line, and places on the disk are the shell's to find", async () => {
  const complete = async (...words: readonly string[]): Promise<string[]> =>
    (await dbp("completions", "bash", ...words)).out.split("\n");
  assert.deepEqual(await complete("in"), ["initdb", ""]);
  assert.deepEqual(await complete("initdb", "--set"), [
    "--settings_path",
    "--settings-path",
    "",
  ]);
  assert.deepEqual(await complete("initdb", "--settings_path", "./co"), [
    "__FILE__:any::./co:0",
    "",
  ]);
});
