import type { PGlite } from "@electric-sql/pglite";
import { ConnectionError } from "../../base/errors/mod.ts";
import type { SqlLink, SqlSession } from "../link/link.ts";

/**
 * A session on PGlite, which has one session for all callers. A turn begins a
 * transaction of PGlite, which blocks other callers, and leaves it by a commit, so
 * that it can send statements that are not allowed in a transaction.
 */
export function pgliteSession(
  db: PGlite,
  createLink: () => SqlLink,
): SqlSession {
  let released = false;
  return {
    shared: true,
    pid: undefined,
    exclusively(turn) {
      if (released) {
        return Promise.reject(
          new ConnectionError("Cannot use a session after its end"),
        );
      }
      return db.transaction(async (tx) => {
        await tx.exec("commit");
        const result = await turn(createLink());
        await tx.exec("begin");
        return result;
      });
    },
    release() {
      released = true;
      return Promise.resolve();
    },
  };
}
