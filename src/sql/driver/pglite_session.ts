import type { PGlite, Transaction } from "@electric-sql/pglite";
import { ConnectionError } from "../../base/errors/mod.ts";
import type { SqlLink, SqlSession } from "../link/link.ts";

/**
 * A session on PGlite, which has one for everybody. A turn is taken by its own
 * transaction, which keeps all other uses waiting, and which the turn leaves:
 * statements that may not be in one can be sent.
 */
export function pgliteSession(
  db: PGlite,
  linkOn: (tx: Transaction) => SqlLink,
): SqlSession {
  let released = false;
  return {
    shared: true,
    pid: undefined,
    together(turn) {
      if (released) {
        return Promise.reject(
          new ConnectionError("Cannot use a session after its end"),
        );
      }
      return db.transaction(async (tx) => {
        await tx.exec("commit");
        const result = await turn(linkOn(tx));
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
