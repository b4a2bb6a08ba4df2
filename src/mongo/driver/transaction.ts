import type { ClientSession, Db, MongoClient } from "mongodb";
import {
  ConnectionError,
  DbPluginsError,
  SerializationError,
  TransactionError,
} from "../../base/errors/mod.ts";
import { pause, uneven } from "../../base/pause.ts";
import type { Call, MongoTransaction } from "../link/link.ts";
import { createTurn } from "../../base/turns.ts";
import type { Tell } from "./query_events.ts";

/** How often the first command of a transaction waits for another writer to finish. */
const FIRST_TRIES = 12;
/** Milliseconds it waits at first, doubled each time up to the last. */
const FIRST_PAUSE = 4;
const LAST_PAUSE = 250;
/** How often a commit is sent whose answer did not arrive. */
const COMMIT_TRIES = 3;

/**
 * A transaction on a session of its own. Its commands wait for each other, as
 * the server wants them. Where another writer is in the way of the first one,
 * there is nothing to lose yet: it is begun again, as a database with locks
 * would have waited. It is a snapshot, whatever level was asked for: that is
 * what MongoDB has.
 */
export function beginTransaction(
  client: MongoClient,
  db: Db,
  tell: Tell,
): MongoTransaction {
  const session = client.startSession();
  let failed: Error | undefined;
  let fresh = true;
  let ended = false;
  const inTurn = createTurn();

  async function attempt<T>(call: Call<T>): Promise<T> {
    if (ended) throw late();
    if (failed !== undefined) throw over(failed);
    const { table, command, work, rows } = call;
    for (let tries = 1;; tries++) {
      begin(session);
      try {
        const result = await tell(
          table,
          command,
          () => work(db.collection(table), { session }),
          rows,
        );
        fresh = false;
        return result;
      } catch (error) {
        const again = fresh && tries < FIRST_TRIES &&
          error instanceof SerializationError;
        if (!again) {
          failed = error instanceof Error ? error : new Error(String(error));
          throw error;
        }
      }
      await session.abortTransaction().catch(() => {});
      await pause(uneven(Math.min(LAST_PAUSE, FIRST_PAUSE * 2 ** tries)));
    }
  }

  async function commit(): Promise<void> {
    ended = true;
    if (failed !== undefined) throw over(failed);
    if (!session.inTransaction()) return;
    for (let tries = 1;; tries++) {
      try {
        await session.commitTransaction();
        return;
      } catch (error) {
        const unknown = hasLabel(error, "UnknownTransactionCommitResult");
        if (!unknown) throw error;
        if (tries === COMMIT_TRIES) {
          throw new ConnectionError(
            "The answer to a commit did not arrive: whether the transaction was kept is not known",
            { cause: error },
          );
        }
      }
    }
  }

  const told = (name: string, work: () => Promise<void>): Promise<void> =>
    inTurn(() => tell("", { name }, work, () => 0));
  return {
    send: (call) => inTurn(() => attempt(call)),
    async commit() {
      try {
        await told("commitTransaction", commit);
      } finally {
        await session.endSession();
      }
    },
    async rollback() {
      ended = true;
      try {
        if (session.inTransaction()) {
          await told("abortTransaction", () => session.abortTransaction());
        }
      } catch {
        // The server forgets a transaction whose client is gone.
      } finally {
        await session.endSession();
      }
    },
  };
}

function begin(session: ClientSession): void {
  if (session.inTransaction()) return;
  session.startTransaction({
    readConcern: { level: "snapshot" },
    writeConcern: { w: "majority" },
    readPreference: "primary",
  });
}

function over(cause: Error): TransactionError {
  return new TransactionError(
    "Cannot go on in this transaction: a command in it failed, so nothing of it will be kept",
    { cause },
  );
}

/** What a call is told that comes when its transaction has ended. */
export function late(): TransactionError {
  return new TransactionError(
    "Cannot go on in this transaction: it has ended. Await every call in its function",
  );
}

function hasLabel(error: unknown, label: string): boolean {
  if (error instanceof DbPluginsError) return hasLabel(error.cause, label);
  return typeof error === "object" && error !== null &&
    "hasErrorLabel" in error && typeof error.hasErrorLabel === "function" &&
    error.hasErrorLabel(label) === true;
}
