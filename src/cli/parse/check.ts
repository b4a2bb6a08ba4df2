import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { command, constant } from "@optique/core/primitives";
import { files, type FilesOptions, footer, type Part } from "./options.ts";

/** `dbp check`, as the command line gave it. */
export interface CheckCommand extends FilesOptions {
  readonly command: "check";
}

/** Reads `dbp check`. */
export const checkParser: Part<CheckCommand> = command(
  "check",
  object({ command: constant("check"), ...files }),
  {
    brief: message`Look for everything that could be wrong.`,
    description:
      message`Reads every file and the history, and tells everything that is wrong: files that cannot be read or were edited, 4; rules for live databases that are broken, 6; differences between the database, its history and the models, 5; migrations that are pending, 2. The exit code is the first of those.`,
    footer: footer("dbp check", "dbp check --json"),
  },
);
