import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { command, constant } from "@optique/core/primitives";
import { files, type FilesOptions, footer, on, type Part } from "./options.ts";

/** `dbp initdb`, as the command line gave it. */
export interface InitdbCommand extends FilesOptions {
  readonly command: "initdb";
  /** Whether to make the database itself where it is missing. */
  readonly createDatabase: boolean;
}

/** Reads `dbp initdb`. */
export const initdbParser: Part<InitdbCommand> = command(
  "initdb",
  object({
    command: constant("initdb"),
    createDatabase: on(
      "Make the database itself too, where it is missing.",
      "--create-database",
      "--create_database",
    ),
    ...files,
  }),
  {
    brief: message`Make the tables that the models describe.`,
    description:
      message`Makes the tables that the models describe, with keys and indexes: from the files of migrations where there are any, else from the models, and then a first file is written. Tables that are there must be what the models say; if they are not, every difference is named and nothing is changed. Afterwards make_migrations finds nothing to do.`,
    footer: footer(
      "dbp initdb",
      "dbp initdb --settings_path ./conf --create-database",
    ),
  },
);
