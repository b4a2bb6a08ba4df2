import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { optional } from "@optique/core/modifiers";
import { command, constant } from "@optique/core/primitives";
import {
  files,
  type FilesOptions,
  footer,
  type Part,
  running,
  to,
  valued,
} from "./options.ts";
import { id } from "./values.ts";

/** `dbp stamp`, as the command line gave it. */
export interface StampCommand extends FilesOptions {
  readonly command: "stamp";
  /** The last migration that is there. */
  readonly to: string | undefined;
  /** A migration whose stamp was wrong. */
  readonly remove: string | undefined;
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
    remove: optional(valued(
      id,
      "Take a wrong stamp away, so that the migration is pending again.",
      "20260930T141502_add_drb",
      "--remove",
    )),
    ...running,
    ...files,
  }),
  {
    brief: message`Record migrations as applied without running them.`,
    description:
      message`Records migrations as applied without running them, for a database that has their changes already, and those that were edited since as they are now. Nothing else is written.`,
    footer: footer(
      "dbp stamp",
      "dbp stamp --to 20260930T141502_add_drb",
      "dbp stamp --remove 20260930T141502_add_drb",
    ),
  },
);
