import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { command, constant } from "@optique/core/primitives";
import {
  footer,
  on,
  type Part,
  shared,
  type SharedOptions,
} from "./options.ts";

/** `dbp dropdb`, as the command line gave it. */
export interface DropdbCommand extends SharedOptions {
  readonly command: "dropdb";
  /** Whether it is meant, without a question. */
  readonly yes: boolean;
}

/** Reads `dbp dropdb`. */
export const dropdbParser: Part<DropdbCommand> = command(
  "dropdb",
  object({
    command: constant("dropdb"),
    yes: on("Do not ask.", "--yes", "-y"),
    ...shared,
  }),
  {
    brief: message`Drop the models' tables and all that is in them.`,
    description:
      message`Drops the models' tables, all that is in them, and the history of migrations; never the database itself. Asks first.`,
    footer: footer("dbp dropdb", "dbp dropdb --yes --settings_path ./conf"),
  },
);
