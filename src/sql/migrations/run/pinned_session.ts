import type { SqlLink, SqlSession } from "../../link/link.ts";
import { unlockText } from "./unlock_all.ts";
import { pin, set } from "../../schema/session_settings.ts";
import { sharedState, undo } from "./shared_session_state.ts";

/** A session in which files mean the same everywhere. */
export interface Pinned {
  /** As {@link SqlSession.together}; what others share is as it was after each turn. */
  readonly together: SqlSession["together"];
  /** Takes away what a step left in the session, but for the lock of migrations; undefined where each turn does. */
  readonly clean: ((link: SqlLink) => Promise<void>) | undefined;
  /** Acts as who opened the session again, whatever role a step took: where a transaction is open, until it ends. */
  asOwn(link: SqlLink, scope: "session" | "transaction"): Promise<void>;
}

/** How often a server looks whether the process that sent a long statement is still there. */
const CLIENT_CHECK = { "client_connection_check_interval": "5s" };

/** What DISCARD ALL does, without its end of our lock; the last gives a row for each lock of a file's own. */
const CLEAN = [
  "reset session authorization",
  "reset role",
  "reset all",
  "close all",
  "unlisten *",
  "deallocate all",
  "discard sequences",
  "discard temp",
  unlockText(),
].join(";\n");

/** Pins the settings of a session. */
export async function pinned(
  session: SqlSession,
  schema: string,
): Promise<Pinned> {
  const own = await session.together(ownOf);
  const asOwn: Pinned["asOwn"] = (link, scope) => actAs(link, own, scope);
  if (session.shared) {
    return {
      asOwn,
      clean: undefined,
      together: (turn) =>
        session.together(async (link) => {
          const before = await sharedState(link);
          try {
            await pin(link, schema);
            return await turn(link);
          } finally {
            await asOwn(link, "session");
            await undo(link, before);
          }
        }),
    };
  }
  // Not every system can; without it a killed process's statement ends by its own limit.
  const checks = await session.together((link) =>
    set(link, CLIENT_CHECK).then(() => true, () => false)
  );
  const clean = async (link: SqlLink): Promise<void> => {
    await resetSession(link);
    await pin(link, schema, "session", checks ? CLIENT_CHECK : {});
  };
  await session.together((link) => pin(link, schema));
  return { asOwn, clean, together: session.together };
}

/** Makes a session that is nobody else's as it was when it was opened, but for the lock of migrations. */
export async function resetSession(link: SqlLink): Promise<void> {
  let locks = 0;
  const each = (): void => void locks++;
  await link.query({ text: CLEAN, values: [] }, each);
  while (locks > 0) {
    locks = 0;
    await link.query({ text: unlockText(), values: [] }, each);
  }
}

/** Who acts in a session: the user, and the role that was taken, or `none`. */
type Own = readonly [user: string, role: string];

async function ownOf(link: SqlLink): Promise<Own> {
  let own: Own = ["", "none"];
  await link.query(
    { text: "select session_user, current_setting('role')", values: [] },
    ([user, role]) => own = [String(user), String(role)],
  );
  return own;
}

async function actAs(
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
