// Options of the functions are held to their names where no compiler does it.
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

Deno.test("an option that is almost right is refused before anything is done, without a compiler too", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  await using db = await connected(store);
  const { directory } = folder;
  for (
    const [call, options, right] of [
      [
        migrate,
        { directory, dryrun: true },
        "migrate takes no dryrun; did you mean dryRun?",
      ],
      [
        migrate,
        { Directory: directory },
        "migrate takes no Directory; did you mean directory?",
      ],
      [
        rollback,
        { directory, dry_run: true },
        "rollback takes no dry_run; did you mean dryRun?",
      ],
      [
        stamp,
        { directory, dryrun: true },
        "stamp takes no dryrun; did you mean dryRun?",
      ],
      [
        status,
        { DIRECTORY: directory },
        "status takes no DIRECTORY; did you mean directory?",
      ],
      [
        assertMigrated,
        { DIRECTORY: directory },
        "assertMigrated takes no DIRECTORY; did you mean directory?",
      ],
      [migrate, directory, 'migrate takes options as { directory: "…" }'],
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
  // An object with things of its own besides is fine.
  await migrate(db, { ...folder, ...{ lock: "mine", names: ["a"] } });
  assert.equal(store.tables.size > 0, true);
});
