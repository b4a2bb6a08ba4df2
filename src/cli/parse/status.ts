import type { run } from "../run/status.ts";
import { type Command, command } from "./command.ts";
import { files, flag } from "./options.ts";

/** Parses `dbp status`. */
export const status: Command = command<typeof run>({
  name: "status",
  brief: "Show applied and pending migrations.",
  description:
    "Shows which migrations are applied or pending, where one stopped, and which files were edited or are missing. Changes nothing and takes no lock.",
  options: {
    check: flag("--check", "Exit with 2 if migrations are pending."),
    ...files,
  },
  examples: ["dbp status", "dbp status --check --json"],
});
