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

/** `dbp migrate`, as the command line gave it. */
export interface MigrateCommand extends FilesOptions {
  readonly command: "migrate";
  /** The last migration to apply. */
  readonly to: string | undefined;
  /** How many to apply. */
  readonly steps: number | undefined;
  readonly dryRun: boolean;
  /** Milliseconds to wait for another process that migrates. */
  readonly lockWait: number;
  /** Whether a file may be older than one that is applied. */
  readonly allowOutOfOrder: boolean;
}

/** Reads `dbp migrate`. */
export const migrateParser: Part<MigrateCommand> = command(
  "migrate",
  object({
    command: constant("migrate"),
    to: to("The last migration to apply; the newest by default."),
    steps: steps("How many to apply; all by default."),
    ...running,
    allowOutOfOrder: on(
      "Apply files too that are older than one that is applied.",
      "--allow-out-of-order",
      "--allow_out_of_order",
    ),
    ...files,
  }),
  {
    brief: message`Apply the migrations that are pending.`,
    description:
      message`Applies the migrations that are pending, under a lock, one step after the other, each recorded as it is done. The first failure stops; run again, it goes on at that step. Ctrl-C stops it too, with exit code 130.`,
    footer: footer(
      "dbp migrate",
      "dbp migrate --dry-run",
      "dbp migrate --to 20260930T141502_add_drb --lock-wait 5m",
    ),
  },
);
