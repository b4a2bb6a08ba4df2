import type { ClientSession, Collection, MongoClient } from "mongodb";
import {
  ConnectionError,
  SerializationError,
  transactionEnded,
  TransactionError,
  withOutcome,
} from "../../base/errors/mod.ts";
import { backoff, retry } from "../../base/retry.ts";
import { CODE, serverCode } from "../link/codes.ts";
import type { Call, MongoTransaction, ReportedCommand } from "../link/link.ts";
import { isMongoError } from "../link/mongo_error.ts";
import { isUnanswered } from "./errors.ts";
import { createQueue } from "../../base/queue.ts";
import type { ReportQuery } from "../../engine/query_reporter.ts";
import type { RunBounded } from "./bounded_work.ts";

/** Attempts of a transaction's first command while another writer conflicts with it. */
const FIRST_COMMAND_ATTEMPTS = 12;
const FIRST_COMMAND_WAIT = backoff(8, 250);
/** The longest time in which a commit whose answer did not arrive is sent again, in milliseconds. */
const COMMIT_TIME = 10_000;
const COMMIT_WAIT = backoff(20, 1_000);

/**
 * Begins a transaction on a new client session. Its commands run one at a time,
 * as the server requires. If the first command conflicts with another writer,
 * the transaction is still empty, so it is begun again. The isolation is always
 * snapshot: MongoDB has no other.
 *
 * @param signal ends its commands, but not its commit
 */
export function beginTransaction(
  { client, report, run, collectionOf }: {
    readonly client: MongoClient;
    readonly report: ReportQuery<ReportedCommand>;
    readonly run: RunBounded;
    readonly collectionOf: (table: string) => Collection;
  },
  signal?: AbortSignal,
): MongoTransaction {
  const session = client.startSession();
  let failure: Error | undefined;
  let isEmpty = true;
  let ended = false;
  const enqueue = createQueue();

  async function send<T>(
    call: Call<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    signal?.throwIfAborted();
    if (ended) throw transactionEnded();
    if (failure !== undefined) throw transactionFailed(failure);
    const attempt = (): Promise<T> => {
      begin(session);
      return report(
        call,
        () =>
          run(
            session,
            signal,
            () => call.work(collectionOf(call.table), { session }),
          ),
        call.rows,
      );
    };
    try {
      const result = await retry(attempt, {
        attempts: FIRST_COMMAND_ATTEMPTS,
        isRetryable: (error) =>
          isEmpty && signal?.aborted !== true &&
          error instanceof SerializationError,
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

  const final = (work: () => Promise<void>): Promise<void> =>
    run(session, undefined, work, true);

  async function commit(): Promise<void> {
    ended = true;
    if (failure !== undefined) throw transactionFailed(failure);
    if (!session.inTransaction()) return;
    const { serverSelectionTimeoutMS = COMMIT_TIME } = client.options;
    const end = performance.now() +
      Math.min(serverSelectionTimeoutMS, COMMIT_TIME);
    let isUnknown = false;
    // The server answers a repeated commit as the first one.
    await retry(() => final(() => session.commitTransaction()), {
      attempts: Infinity,
      wait: COMMIT_WAIT,
      isRetryable(error) {
        const isRefused = isUnknown
          ? isDiscarded(error)
          : !isUnansweredCommit(error);
        if (isRefused) return false;
        isUnknown = true;
        if (isUnansweredCommit(error) && !isClosed(error)) {
          if (performance.now() < end) return true;
        }
        throw unknownCommit(error);
      },
    });
  }

  const end = (name: string, work: () => Promise<void>): Promise<void> =>
    enqueue(() => report({ table: "", command: { name } }, work, () => 0));
  return {
    send: (call) => enqueue(() => send(call, signal)),
    limited: (other) => {
      const both = signal === undefined
        ? other
        : AbortSignal.any([signal, other]);
      return { send: (call) => enqueue(() => send(call, both)) };
    },
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
          await end(
            "abortTransaction",
            () => final(() => session.abortTransaction()),
          );
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

/** Whether a commit failed without an answer that says what happened to it. */
function isUnansweredCommit(error: unknown): boolean {
  return hasLabel(error, "UnknownTransactionCommitResult") ||
    !(error instanceof Error) || !isMongoError(error) || isUnanswered(error);
}

/** Whether the server knows that it did not commit the transaction, and never will. */
function isDiscarded(error: unknown): boolean {
  return serverCode(error) === CODE.noSuchTransaction &&
    !hasLabel(error, "UnknownTransactionCommitResult");
}

/** Whether this program closed the client, which ends all attempts. */
function isClosed(error: unknown): boolean {
  return error instanceof Error &&
    /^Mongo(?:Topology|Client)Closed|^MongoNotConnected/.test(error.name);
}

function unknownCommit(cause: unknown): ConnectionError {
  return withOutcome(
    new ConnectionError(
      "The answer to a commit did not arrive: the transaction may have been committed or not. Check the data before you write it again",
      { cause },
    ),
    "unknown",
    true,
  );
}

function hasLabel(error: unknown, label: string): boolean {
  return typeof error === "object" && error !== null &&
    "hasErrorLabel" in error && typeof error.hasErrorLabel === "function" &&
    error.hasErrorLabel(label) === true;
}
