import type { OpenOptions, QueryEvent } from "../../engine/engine.ts";
import type { ErrorMapper } from "./errors.ts";
import type { Command } from "../link/link.ts";
import { commandText } from "./command_text.ts";

/** Does one piece of work, and tells of it. */
export type Tell = <T>(
  table: string,
  command: Command,
  work: () => Promise<T>,
  rows: (result: T) => number,
) => Promise<T>;

/** Tells of commands, with errors that are this package's. */
export function watched(
  mapped: ErrorMapper,
  { onQuery, logValues }: Pick<OpenOptions, "onQuery" | "logValues">,
): Tell {
  if (onQuery === undefined) {
    return async (table, command, work) => {
      try {
        return await work();
      } catch (error) {
        throw mapped(error, table, command);
      }
    };
  }
  return async (table, command, work, rows) => {
    const start = performance.now();
    const event = (more: Partial<QueryEvent>): void => {
      const { text, values } = commandText(table, command);
      onQuery({
        text,
        milliseconds: performance.now() - start,
        ...(logValues ? { values } : {}),
        ...more,
      });
    };
    let result;
    try {
      result = await work();
    } catch (error) {
      event({ error: mapped(error, table, command) });
      // Another one: what is added to it, as the keys that were written, is for the caller alone.
      throw mapped(error, table, command);
    }
    event({ rows: rows(result) });
    return result;
  };
}
