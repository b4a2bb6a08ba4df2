// Options of the functions are checked by name, also in untyped code.
import { MigrationError } from "@alerce/db-plugins";
import {
  assertMigrated,
  migrate,
  rollback,
  stamp,
  status,
} from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { connected, emptyMemory } from "../../memory/migrations.ts";
import { folderOf, STAR } from "../../support/migrations_folder.ts";

const FILES = {
  [`${STAR}.up.txt`]: "add star",
  [`${STAR}.down.txt`]: "drop star",
};

Deno.test("a misspelled option is refused before anything is done, also in untyped code", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  await using db = await connected(store);
  const { directory } = folder;
  for (
    const [call, options, right] of [
      [
        migrate,
        { directory, dryrun: true },
        "migrate has no option dryrun; did you mean dryRun?",
      ],
      [
        migrate,
        { Directory: directory },
        "migrate has no option Directory; did you mean directory?",
      ],
      [
        rollback,
        { directory, dry_run: true },
        "rollback has no option dry_run; did you mean dryRun?",
      ],
      [
        stamp,
        { directory, dryrun: true },
        "stamp has no option dryrun; did you mean dryRun?",
      ],
      [
        status,
        { DIRECTORY: directory },
        "status has no option DIRECTORY; did you mean directory?",
      ],
      [
        assertMigrated,
        { DIRECTORY: directory },
        "assertMigrated has no option DIRECTORY; did you mean directory?",
      ],
      [
        migrate,
        directory,
        'migrate requires an object of options: { directory: "…" }',
      ],
    ] as const
  ) {
    await assert.rejects(
      async () => await Reflect.apply(call, undefined, [db, options]),
      (error) => {
        assert.ok(error instanceof MigrationError, String(error));
        assert.deepEqual([error.message, error.exitCode], [right, 64]);
        return true;
      },
    );
  }
  assert.equal(store.tables.size, 0);
  // An object may have other properties.
  await migrate(db, { ...folder, ...{ lock: "mine", names: ["a"] } });
  assert.equal(store.tables.size > 0, true);
});
