import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { optional } from "@optique/core/modifiers";
import { command, constant } from "@optique/core/primitives";
import {
  files,
  type FilesOptions,
  footer,
  type Part,
  valued,
} from "./options.ts";
import { count } from "./values.ts";

/** `dbp history`, as the command line gave it. */
export interface HistoryCommand extends FilesOptions {
  readonly command: "history";
  /** How many runs to tell, from the newest. */
  readonly limit: number | undefined;
}

/** Reads `dbp history`. */
export const historyParser: Part<HistoryCommand> = command(
  "history",
  object({
    command: constant("history"),
    limit: optional(
      valued(
        count,
        "How many runs, from the newest; all by default.",
        "10",
        "--limit",
      ),
    ),
    ...files,
  }),
  {
    brief:
      message`Tell every run of every migration: when, by whom, how long it took.`,
    footer: footer("dbp history", "dbp history --limit 10 --json"),
  },
);
