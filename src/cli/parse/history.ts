import type { run } from "../run/history.ts";
import { type Command, command } from "./command.ts";
import { files, valued } from "./options.ts";
import { count } from "./values.ts";

/** Parses `dbp history`. */
export const history: Command = command<typeof run>({
  name: "history",
  brief: "Show every run of every migration.",
  description:
    "Shows when each migration ran, who ran it and how long it took, oldest run first.",
  options: {
    limit: valued(
      "--limit",
      count,
      "Number of most recent runs (default: all).",
      "10",
    ),
    ...files,
  },
  examples: ["dbp history", "dbp history --limit 10 --json"],
});
