import type { run } from "../run/rollback.ts";
import { type Command, command } from "./command.ts";
import { files, flag, running, steps, to } from "./options.ts";

/** Parses `dbp rollback`. */
export const rollback: Command = command<typeof run>({
  name: "rollback",
  brief: "Roll back the most recent migration, or several.",
  description:
    "Runs the down files of the most recent migrations, newest first, under the same lock as migrate. Asks for confirmation first if a down file says that data is lost. If a file no longer exists, uses the copy in the history.",
  options: {
    to: to("Last migration to keep."),
    steps: steps("Number of migrations to roll back (default: 1)."),
    ...running,
    baseline: flag(
      "--baseline",
      "Also roll back a baseline. This drops every table it created.",
    ),
    yes: flag(
      "--yes",
      "Do not ask for confirmation, even if data is lost.",
      "-y",
    ),
    ...files,
  },
  examples: [
    "dbp rollback",
    "dbp rollback --steps 2 --dry-run",
    "dbp rollback --to 20260930T141502_add_drb --yes",
  ],
});
