import { map } from "./optique.ts";
import type { run } from "../run/sql.ts";
import { type Command, command } from "./command.ts";
import { files, flag, steps, to } from "./options.ts";

/** Parses `dbp sql`. */
export const sql: Command = command<typeof run>({
  name: "sql",
  brief: "Print what migrate would run.",
  description:
    "Prints the files that migrate would run, or with --down those of rollback. Runs nothing.",
  options: {
    to: to("Last migration to apply; with --down, the last to keep."),
    steps: steps("Number of migrations (default: all; with --down: 1)."),
    direction: map(
      flag("--down", "Print what rollback would run."),
      (isDown) => isDown ? "down" : "up",
    ),
    ...files,
  },
  examples: ["dbp sql", "dbp sql --down --steps 2"],
});
