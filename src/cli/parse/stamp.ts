import type { run } from "../run/stamp.ts";
import { type Command, command } from "./command.ts";
import { files, running, to, valued } from "./options.ts";
import { id } from "./values.ts";

/** Parses `dbp stamp`. */
export const stamp: Command = command<typeof run>({
  name: "stamp",
  brief: "Record migrations as applied without running them.",
  description:
    "Records migrations as applied without running them, for a database that already has their changes. If a file of an applied migration was edited, records its new content, and does not run it. Writes only to the history.",
  options: {
    to: to("Last migration to record (default: newest)."),
    unstamp: valued(
      "--remove",
      id,
      "Stamp to remove; its migration becomes pending again.",
      "20260930T141502_add_drb",
    ),
    ...running,
    ...files,
  },
  examples: [
    "dbp stamp",
    "dbp stamp --to 20260930T141502_add_drb",
    "dbp stamp --remove 20260930T141502_add_drb",
  ],
});
