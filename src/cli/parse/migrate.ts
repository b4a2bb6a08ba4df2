import type { run } from "../run/migrate.ts";
import { type Command, command } from "./command.ts";
import { files, firstMigration, flag, running, steps, to } from "./options.ts";

/** Parses `dbp migrate`. */
export const migrate: Command = command<typeof run>({
  name: "migrate",
  brief: "Apply pending migrations.",
  description:
    "Applies pending migrations under a lock, step by step, and records each step when it is done. Stops at the first failure; the next run continues at that step. Ctrl-C also stops it, with exit code 130.",
  options: {
    to: to("Last migration to apply (default: newest)."),
    steps: steps("Number of migrations to apply (default: all)."),
    ...running,
    outOfOrder: flag(
      "--allow-out-of-order",
      "Also apply files older than an applied migration.",
    ),
    ...firstMigration,
    ...files,
  },
  examples: [
    "dbp migrate",
    "dbp migrate --dry-run",
    "dbp migrate --to 20260930T141502_add_drb --lock-wait 5m",
  ],
});
