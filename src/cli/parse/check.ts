import type { run } from "../run/check.ts";
import { type Command, command } from "./command.ts";
import { files } from "./options.ts";

/** Parses `dbp check`. */
export const check: Command = command<typeof run>({
  name: "check",
  brief: "Find problems in files, history and schema.",
  description:
    "Reads all files and the history, and reports every problem. The exit code is the first that applies: 4 if a file is unreadable or was edited, 6 if a file breaks a rule for live databases, 5 if the database differs from its history or the models, 2 if migrations are pending.",
  options: files,
  examples: ["dbp check", "dbp check --json"],
});
