// Spellings and wrong values of options of the migration commands.
import assert from "node:assert/strict";
import { dbp } from "../support/cli.ts";

Deno.test("commands and options accept hyphens and underscores", async () => {
  // The options are right if the only error is about the missing settings file.
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

/** Wrong command lines and their errors. */
const WRONG: readonly (readonly [string, string])[] = [
  [
    "make_migraton",
    "Unknown command make_migraton; did you mean make_migrations?",
  ],
  [
    "make-migration",
    "Unknown command make-migration; did you mean make_migrations?",
  ],
  ["migrte", "Unknown command migrte; did you mean migrate?"],
  [
    "migrate --stps 3",
    "Unknown option --stps for migrate; did you mean --steps?",
  ],
  [
    "migrate --dryrun",
    "Unknown option --dryrun for migrate; did you mean --dry-run?",
  ],
  ["migrate --rename a=b", "Unknown option --rename for migrate."],
  ["status --limit 3", "Unknown option --limit for status."],
  [
    "make_migrations --name widen ndet",
    'Unexpected argument ndet for make_migrations; did you mean --name "widen ndet"?',
  ],
  ["rollback add_mag", "Unexpected argument add_mag for rollback."],
  [
    "migrate --lock-wait 5x",
    "--lock-wait must be a time with its unit (ms, s, m or h), got 5x. Example: --lock-wait 60s.",
  ],
  [
    "migrate --lock_wait 60",
    "--lock-wait must be a time with its unit (ms, s, m or h), got 60. Example: --lock-wait 60s.",
  ],
  [
    "migrate --lock-wait=-5s",
    "--lock-wait must be a time with its unit (ms, s, m or h), got -5s. Example: --lock-wait 60s.",
  ],
  [
    "migrate --to=",
    "--to must be the name of a migration, got nothing. Example: --to 20260930T141502_add_drb.",
  ],
  [
    "migrate --migrations=",
    "--migrations must be a folder, got nothing. Example: --migrations ./migrations.",
  ],
  [
    "rollback --steps 0",
    "--steps must be a whole number, 1 or greater, got 0. Example: --steps 1.",
  ],
  [
    "rollback --steps 1.5",
    "--steps must be a whole number, 1 or greater, got 1.5. Example: --steps 1.",
  ],
  ["rollback --steps", "--steps requires N."],
  [
    "history --limit ten",
    "--limit must be a whole number, 1 or greater, got ten. Example: --limit 10.",
  ],
  [
    "make_migrations --rename a=b.c",
    "--rename must be two tables, or two columns of one table, got a=b.c. Example: --rename object.ndet=object.detections.",
  ],
  [
    "make_migrations --rename a.x=b.x",
    "--rename must be two tables, or two columns of one table, got a.x=b.x. Example: --rename object.ndet=object.detections.",
  ],
  [
    "make_migrations --rename a",
    "--rename must be two tables, or two columns of one table, got a. Example: --rename object.ndet=object.detections.",
  ],
  [
    "make_migrations --rename a=b=c",
    "--rename must be two tables, or two columns of one table, got a=b=c. Example: --rename object.ndet=object.detections.",
  ],
  [
    "make_migrations --drop a..b",
    "--drop must be a table, or a column with its table, got a..b. Example: --drop object.ndet.",
  ],
  [
    "make_migrations --default ndet=0",
    "--default must be a column with its table, and a value, got ndet=0. Example: --default object.ndet=0.",
  ],
  [
    "make_migrations --rename a=b --rename a=c",
    "--rename has two values for a: b and c.",
  ],
  [
    "make_migrations --default a.b=1 --default a.b=2",
    "--default has two values for a.b: 1 and 2.",
  ],
];

Deno.test("a wrong value is a usage error with the option and an example", async () => {
  for (const [line, problem] of WRONG) {
    const [command = ""] = line.split(" ");
    const help = /^Unknown command/.test(problem)
      ? "dbp --help"
      : `dbp ${command} --help`;
    assert.deepEqual(
      await dbp(...line.split(" ")),
      {
        code: 64,
        out: "",
        err: `dbp: ${problem} See \`${help}\`.\n`,
      },
      line,
    );
  }
});
