import type { Command, SqlLink } from "../../link/link.ts";
import { beginning } from "../file/statement_title.ts";

/** What a query must give, in this order, for {@link activities}. */
export const ACTIVITY =
  "a.pid, coalesce(a.application_name, ''), coalesce(a.usename, ''), coalesce(a.state, ''), coalesce(left(a.query, 200), '')";

/** Other sessions of the server in words: process, application, user, state, and how their statement begins. */
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
      const what = beginning(statement ?? "");
      found.push(
        `process ${pid}${who === "" ? "" : ` (${who})`}${
          what === "" ? "" : `: ${what}`
        }`,
      );
    },
  );
  return found.length === 0 ? undefined : found.join("; ");
}
