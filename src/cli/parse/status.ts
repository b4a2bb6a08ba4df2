import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { command, constant } from "@optique/core/primitives";
import { files, type FilesOptions, footer, on, type Part } from "./options.ts";

/** `dbp status`, as the command line gave it. */
export interface StatusCommand extends FilesOptions {
  readonly command: "status";
  /** Whether something pending is exit code 2. */
  readonly check: boolean;
}

/** Reads `dbp status`. */
export const statusParser: Part<StatusCommand> = command(
  "status",
  object({
    command: constant("status"),
    check: on("Exit with 2 where something is pending.", "--check"),
    ...files,
  }),
  {
    brief: message`Tell what is applied and what is pending.`,
    description:
      message`Tells which migrations are applied, which are pending, where one stopped, and which files were edited or are missing. Changes nothing and takes no lock.`,
    footer: footer("dbp status", "dbp status --check --json"),
  },
);
