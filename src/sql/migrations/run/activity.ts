import type { Command, SqlLink } from "../../link/link.ts";
import { statementTitle } from "../file/statement_title.ts";

/** The columns that a query must select, in this order, for {@link activities}. */
export const ACTIVITY =
  "a.pid, coalesce(a.application_name, ''), coalesce(a.usename, ''), coalesce(a.state, ''), coalesce(left(a.query, 200), '')";

/** Describes other sessions of the server: process, application, user, state, and the statementTitle of their statement. */
export async function activities(
  link: SqlLink,
  command: Command,
): Promise<string | undefined> {
  const found: string[] = [];
  await link.query(
    command,
    ([pid, application, user, state, statement]) => {
      const who = [
        application,
        user === "" ? "" : `user ${user}`,
        state,
      ].filter(Boolean).join(", ");
      const what = statementTitle(statement ?? "");
      found.push(
        `process ${pid}${who === "" ? "" : ` (${who})`}${
          what === "" ? "" : `: ${what}`
        }`,
      );
    },
  );
  return found.length === 0 ? undefined : found.join("; ");
}
