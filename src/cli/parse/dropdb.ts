import type { run } from "../run/dropdb.ts";
import { type Command, command } from "./command.ts";
import { flag } from "./options.ts";

/** Parses `dbp dropdb`. */
export const dropdb: Command = command<typeof run>({
  name: "dropdb",
  brief: "Drop the tables of the models, with all data.",
  description:
    "Drops the tables of the models, all data in them, the migration history, and the record of loads. Never drops the database itself. Asks for confirmation first.",
  options: { yes: flag("--yes", "Do not ask for confirmation.", "-y") },
  examples: ["dbp dropdb", "dbp dropdb --yes --settings_path ./conf"],
});
