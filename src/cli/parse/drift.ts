import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { command, constant } from "@optique/core/primitives";
import { files, type FilesOptions, footer, type Part } from "./options.ts";

/** `dbp drift`, as the command line gave it. */
export interface DriftCommand extends FilesOptions {
  readonly command: "drift";
}

/** Reads `dbp drift`. */
export const driftParser: Part<DriftCommand> = command(
  "drift",
  object({ command: constant("drift"), ...files }),
  {
    brief: message`Tell what was changed by other means.`,
    description:
      message`Compares the schema with what it was after the last migration, and with the models. Where it differs, every difference is named, with exit code 5.`,
    footer: footer("dbp drift", "dbp drift --json"),
  },
);
