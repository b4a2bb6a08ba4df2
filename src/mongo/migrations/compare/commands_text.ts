import type { Document } from "mongodb";
import { printed } from "../file/json.ts";

/** Commands as they are written in a file. */
export function commandsText(commands: readonly Document[]): string {
  return commands.map((command) => printed(command, "")).join(",\n");
}
