import type { run } from "../run/initdb.ts";
import { type Command, command } from "./command.ts";
import { files, firstMigration, flag } from "./options.ts";

/** Parses `dbp initdb`. */
export const initdb: Command = command<typeof run>({
  name: "initdb",
  brief: "Create the tables of the models.",
  description:
    "Creates the tables of the models, with keys and indexes. If migration files exist, applies them; otherwise creates the tables from the models and writes a first migration. If existing tables differ from the models, names every difference and changes nothing. Afterwards make_migrations finds nothing to do.",
  options: {
    createDatabase: flag(
      "--create-database",
      "Also create the database if it does not exist.",
    ),
    ...firstMigration,
    skipRefused: flag(
      "--skip-refused",
      "Leave out position indexes whose extension cannot be created.",
    ),
    ...files,
  },
  examples: [
    "dbp initdb",
    "dbp initdb --settings_path ./conf --create-database",
  ],
});
