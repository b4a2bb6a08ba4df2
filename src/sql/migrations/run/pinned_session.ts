import type { SqlLink, SqlSession } from "../../link/link.ts";
import { unlockAllSql } from "./unlock_all_sql.ts";
import { pin, set } from "../../schema/session_settings.ts";
import { restoreState, sharedState } from "./shared_session_state.ts";

/** A session with fixed settings, in which every file means the same. */
export interface Pinned {
  /** As {@link SqlSession.exclusively}. If the session is shared, each call restores its state. */
  readonly exclusively: SqlSession["exclusively"];
  /** Removes what a step left in the session, except for the migration lock; undefined if each call does that. */
  readonly clean: ((link: SqlLink) => Promise<void>) | undefined;
  /** Restores the role that opened the session, for the session or until the open transaction ends. */
  restoreRole(link: SqlLink, scope: "session" | "transaction"): Promise<void>;
}

/** How often the server checks during a long statement whether the client is still connected. */
const CLIENT_CHECK = { "client_connection_check_interval": "5s" };

/** Does what DISCARD ALL does, but keeps the migration lock. The last query returns a row for each released lock. */
const CLEAN = [
  "reset session authorization",
  "reset role",
  "reset all",
  "close all",
  "unlisten *",
  "deallocate all",
  "discard sequences",
  "discard temp",
  unlockAllSql(),
].join(";\n");

/** Fixes the settings of a session. */
export async function pinSession(
  session: SqlSession,
  schema: string,
): Promise<Pinned> {
  const own = await session.exclusively(ownOf);
  const restoreRole: Pinned["restoreRole"] = (link, scope) =>
    setRole(link, own, scope);
  if (session.shared) {
    return {
      restoreRole,
      clean: undefined,
      exclusively: (turn) =>
        session.exclusively(async (link) => {
          const before = await sharedState(link);
          try {
            await pin(link, schema);
            return await turn(link);
          } finally {
            await restoreRole(link, "session");
            await restoreState(link, before);
          }
        }),
    };
  }
  // Some operating systems have no such check: there, the statement of a killed process ends at its own timeout.
  const checks = await session.exclusively((link) =>
    set(link, CLIENT_CHECK).then(() => true, () => false)
  );
  const clean = async (link: SqlLink): Promise<void> => {
    await resetSession(link);
    await pin(link, schema, "session", checks ? CLIENT_CHECK : {});
  };
  await session.exclusively((link) => pin(link, schema));
  return { restoreRole, clean, exclusively: session.exclusively };
}

/** Resets a session that is not shared to its initial state, except for the migration lock. */
export async function resetSession(link: SqlLink): Promise<void> {
  let locks = 0;
  const each = (): void => void locks++;
  await link.query({ text: CLEAN, values: [] }, each);
  while (locks > 0) {
    locks = 0;
    await link.query({ text: unlockAllSql(), values: [] }, each);
  }
}

/** Who acts in a session: the session user, and its role or `none`. */
type Own = readonly [user: string, role: string];

async function ownOf(link: SqlLink): Promise<Own> {
  let own: Own = ["", "none"];
  await link.query(
    { text: "select session_user, current_setting('role')", values: [] },
    ([user, role]) => own = [String(user), String(role)],
  );
  return own;
}

async function setRole(
  link: SqlLink,
  own: Own,
  scope: "session" | "transaction",
): Promise<void> {
  await link.query({
    text:
      "select set_config('session_authorization', $1, cast($3 as boolean)), set_config('role', $2, cast($3 as boolean))",
    values: [...own, scope === "transaction" ? "t" : "f"],
  });
}
