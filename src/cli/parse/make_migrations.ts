import type { run } from "../run/make_migrations.ts";
import { type Command, command } from "./command.ts";
import { files, flag, pairs, repeated, valued } from "./options.ts";
import { fillValue, name, rename, words } from "./values.ts";

/** Parses `dbp make_migrations`. */
export const makeMigrations: Command = command<typeof run>({
  name: "make_migrations",
  brief: "Generate migration files from changes in the models.",
  description:
    "Compares the database with the models and writes two files, up and down, to read, edit and keep with the models. Tests both on the database first, without leaving a trace. Asks at a terminal whether a table or column is renamed or dropped. Without a terminal, prints the options that answer and exits with 7.",
  options: {
    name: valued(
      "--name",
      words,
      "Name of the files (default: from the changes).",
      "add_drb",
    ),
    empty: flag("--empty", "Write files without statements, to fill in."),
    check: flag("--check", "Write nothing; exit with 2 if there are changes."),
    dryRun: flag("--dry-run", "Print the files instead of writing them."),
    renames: pairs(
      "--rename",
      rename,
      "Table or column with a new name (repeatable).",
      "object.ndet=object.detections",
    ),
    drops: repeated(
      "--drop",
      name,
      "Table or column to drop, not rename (repeatable).",
      "object.ndet",
    ),
    defaults: pairs(
      "--default",
      fillValue,
      "Value for existing rows in a new column (repeatable).",
      "object.ndet=0",
    ),
    skipRefused: flag(
      "--skip-refused",
      "Write the other changes if some must be written manually.",
    ),
    ...files,
  },
  examples: [
    "dbp make_migrations",
    "dbp make_migrations --name add_drb --dry-run",
    "dbp make_migrations --rename object.ndet=object.detections",
    "dbp make_migrations --check",
  ],
});
