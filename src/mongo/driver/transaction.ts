import type { ClientSession, Collection, MongoClient } from "mongodb";
import {
  ConnectionError,
  DbPluginsError,
  SerializationError,
  transactionEnded,
  TransactionError,
} from "../../base/errors/mod.ts";
import { backoff, retry } from "../../base/retry.ts";
import type { Call, MongoTransaction, ReportedCommand } from "../link/link.ts";
import { createQueue } from "../../base/queue.ts";
import type { ReportQuery } from "../../engine/query_reporter.ts";

/** Attempts of a transaction's first command while another writer conflicts with it. */
const FIRST_COMMAND_ATTEMPTS = 12;
const FIRST_COMMAND_WAIT = backoff(8, 250);
/** Attempts of a commit whose answer does not arrive. */
const COMMIT_ATTEMPTS = 3;

/**
 * Begins a transaction on a new client session. Its commands run one at a time,
 * as the server requires. If the first command conflicts with another writer,
 * the transaction is still empty, so it is begun again. The isolation is always
 * snapshot: MongoDB has no other.
 */
export function beginTransaction(
  client: MongoClient,
  collectionOf: (table: string) => Collection,
  report: ReportQuery<ReportedCommand>,
): MongoTransaction {
  const session = client.startSession();
  let failure: Error | undefined;
  let isEmpty = true;
  let ended = false;
  const enqueue = createQueue();

  async function send<T>(call: Call<T>): Promise<T> {
    if (ended) throw transactionEnded();
    if (failure !== undefined) throw transactionFailed(failure);
    const run = (): Promise<T> => {
      begin(session);
      return report(
        call,
        () => call.work(collectionOf(call.table), { session }),
        call.rows,
      );
    };
    try {
      const result = await retry(run, {
        attempts: FIRST_COMMAND_ATTEMPTS,
        isRetryable: (error) => isEmpty && error instanceof SerializationError,
        onRetry: () => session.abortTransaction().catch(() => {}),
        wait: FIRST_COMMAND_WAIT,
      });
      isEmpty = false;
      return result;
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  }

  async function commit(): Promise<void> {
    ended = true;
    if (failure !== undefined) throw transactionFailed(failure);
    if (!session.inTransaction()) return;
    await retry(() => session.commitTransaction(), {
      attempts: COMMIT_ATTEMPTS,
      isRetryable(error, attempt) {
        if (!hasLabel(error, "UnknownTransactionCommitResult")) return false;
        if (attempt < COMMIT_ATTEMPTS) return true;
        throw new ConnectionError(
          "The answer to a commit did not arrive: it is unknown whether the transaction was committed",
          { cause: error },
        );
      },
    });
  }

  const end = (name: string, work: () => Promise<void>): Promise<void> =>
    enqueue(() => report({ table: "", command: { name } }, work, () => 0));
  return {
    send: (call) => enqueue(() => send(call)),
    async commit() {
      try {
        await end("commitTransaction", commit);
      } finally {
        await session.endSession();
      }
    },
    async rollback() {
      ended = true;
      try {
        if (session.inTransaction()) {
          await end("abortTransaction", () => session.abortTransaction());
        }
      } catch {
        // The server aborts the transaction of a lost client itself.
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

function transactionFailed(cause: Error): TransactionError {
  return new TransactionError(
    "Cannot continue this transaction: an earlier command failed, so the whole transaction will be rolled back",
    { cause },
  );
}

function hasLabel(error: unknown, label: string): boolean {
  if (error instanceof DbPluginsError) return hasLabel(error.cause, label);
  return typeof error === "object" && error !== null &&
    "hasErrorLabel" in error && typeof error.hasErrorLabel === "function" &&
    error.hasErrorLabel(label) === true;
}
