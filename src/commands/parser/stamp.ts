import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { command, constant } from "@optique/core/primitives";
import {
  files,
  type FilesOptions,
  footer,
  type Part,
  running,
  to,
} from "./options.ts";

/** `dbp stamp`, as the command line gave it. */
export interface StampCommand extends FilesOptions {
  readonly command: "stamp";
  /** The last migration that is there. */
  readonly to: string | undefined;
  readonly dryRun: boolean;
  /** Milliseconds to wait for another process that migrates. */
  readonly lockWait: number;
}

/** Reads `dbp stamp`. */
export const stampParser: Part<StampCommand> = command(
  "stamp",
  object({
    command: constant("stamp"),
    to: to(
      "The last migration whose changes are there; the newest by default.",
    ),
    ...running,
    ...files,
  }),
  {
    brief: message`Record migrations as applied without running them.`,
    description:
      message`Records migrations as applied without running them, for a database that has their changes already. Nothing else is written.`,
    footer: footer("dbp stamp", "dbp stamp --to 20260930T141502_add_drb"),
  },
);
