import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { command, constant } from "@optique/core/primitives";
import {
  files,
  type FilesOptions,
  footer,
  on,
  type Part,
  steps,
  to,
} from "./options.ts";

/** `dbp sql`, as the command line gave it. */
export interface SqlCommand extends FilesOptions {
  readonly command: "sql";
  /** The last migration to apply, or to keep. */
  readonly to: string | undefined;
  /** How many. */
  readonly steps: number | undefined;
  /** Whether the way back is meant. */
  readonly down: boolean;
}

/** Reads `dbp sql`. */
export const sqlParser: Part<SqlCommand> = command(
  "sql",
  object({
    command: constant("sql"),
    to: to("The last migration to apply; with --down, the last to keep."),
    steps: steps("How many; all by default, with --down 1."),
    down: on("What rollback would run.", "--down"),
    ...files,
  }),
  {
    brief: message`Print what migrate would run.`,
    description:
      message`Prints the files that migrate would run, or with --down those of rollback, and runs nothing.`,
    footer: footer("dbp sql", "dbp sql --down --steps 2"),
  },
);
