import type { run } from "../run/drift.ts";
import { type Command, command } from "./command.ts";
import { files } from "./options.ts";

/** Parses `dbp drift`. */
export const drift: Command = command<typeof run>({
  name: "drift",
  brief: "Find schema changes made outside migrations.",
  description:
    "Compares the schema with its state after the last migration, and with the models. If they differ, names every difference and exits with 5.",
  options: files,
  examples: ["dbp drift", "dbp drift --json"],
});
