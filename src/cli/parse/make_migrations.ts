import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { multiple, optional } from "@optique/core/modifiers";
import { command, constant } from "@optique/core/primitives";
import {
  files,
  type FilesOptions,
  footer,
  on,
  type Part,
  valued,
} from "./options.ts";
import { filling, name, type Pair, rename, words } from "./values.ts";

/** `dbp make_migrations`, as the command line gave it. */
export interface MakeMigrationsCommand extends FilesOptions {
  readonly command: "make_migrations";
  /** What to call the files. */
  readonly name: string | undefined;
  /** Whether to write files for a person to fill. */
  readonly empty: boolean;
  /** Whether only to tell if there is something to write. */
  readonly check: boolean;
  /** Whether to show the files instead of writing them. */
  readonly dryRun: boolean;
  /** Tables and columns that have new names. */
  readonly rename: readonly Pair[];
  /** Tables and columns that may go. */
  readonly drop: readonly string[];
  /** What rows get in new columns. */
  readonly default: readonly Pair[];
}

/** Reads `dbp make_migrations`. */
export const makeMigrationsParser: Part<MakeMigrationsCommand> = command(
  "make_migrations",
  object({
    command: constant("make_migrations"),
    name: optional(valued(
      words,
      "What to call the files; by default what they do.",
      "add_drb",
      "--name",
    )),
    empty: on("Write files to be filled by hand.", "--empty"),
    check: on(
      "Write nothing; exit with 2 where there is something to write.",
      "--check",
    ),
    dryRun: on(
      "Show the files instead of writing them.",
      "--dry-run",
      "--dry_run",
    ),
    rename: multiple(valued(
      rename,
      "A table or column that has a new name; may be repeated.",
      "object.ndet=object.detections",
      "--rename",
    )),
    drop: multiple(valued(
      name,
      "A table or column that goes and is no rename; may be repeated.",
      "object.ndet",
      "--drop",
    )),
    default: multiple(valued(
      filling,
      "What rows that are there get in a new column; may be repeated.",
      "object.ndet=0",
      "--default",
    )),
    ...files,
  }),
  {
    aliases: ["make-migrations"],
    brief: message`Write the files that make the database what the models say.`,
    description:
      message`Compares the database with the models and writes two files, up and down, to read, edit and keep with the models. They are proven on the database first, without leaving a trace. What could be read in two ways, a rename or a drop, is asked for at a terminal; elsewhere the options that answer are named, with exit code 7.`,
    footer: footer(
      "dbp make_migrations",
      "dbp make_migrations --name add_drb --dry-run",
      "dbp make_migrations --rename object.ndet=object.detections",
      "dbp make_migrations --check",
    ),
  },
);
