import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { command, constant } from "@optique/core/primitives";
import {
  files,
  type FilesOptions,
  footer,
  on,
  type Part,
  running,
  steps,
  to,
} from "./options.ts";

/** `dbp rollback`, as the command line gave it. */
export interface RollbackCommand extends FilesOptions {
  readonly command: "rollback";
  /** The last migration to keep. */
  readonly to: string | undefined;
  /** How many to take back. */
  readonly steps: number | undefined;
  readonly dryRun: boolean;
  /** Milliseconds to wait for another process that migrates. */
  readonly lockWait: number;
  /** Whether a baseline too may be taken back. */
  readonly baseline: boolean;
  /** Whether data may go, without a question. */
  readonly yes: boolean;
}

/** Reads `dbp rollback`. */
export const rollbackParser: Part<RollbackCommand> = command(
  "rollback",
  object({
    command: constant("rollback"),
    to: to("The last migration to keep."),
    steps: steps("How many to take back; 1 by default."),
    ...running,
    baseline: on(
      "Take back a baseline too, and so what was there before migrations were.",
      "--baseline",
    ),
    yes: on("Do not ask, even where data goes.", "--yes", "-y"),
    ...files,
  }),
  {
    brief: message`Take back the newest migration, or several.`,
    description:
      message`Runs the down files of the newest migrations, newest first, under the same lock as migrate. Asks first where one of them says that data goes. A file that is not there any more is taken from the history.`,
    footer: footer(
      "dbp rollback",
      "dbp rollback --steps 2 --dry-run",
      "dbp rollback --to 20260930T141502_add_drb --yes",
    ),
  },
);
