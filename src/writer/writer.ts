import { AsyncLocalStorage } from "node:async_hooks";
import { QueryError, TransactionError } from "../base/errors/mod.ts";
import { onDemand } from "../base/on_demand.ts";
import { valueText } from "../model/option_shape.ts";
import type { AnyModel } from "../model/types.ts";
import { startLimit } from "../query/limit/limit.ts";
import {
  assertCallOptions,
  type CallOptions,
  isLimited,
} from "../query/statement/call_options.ts";
import type { Rows } from "../query/statement/statement.ts";
import { handover, type WriterCall } from "./handover.ts";
import { createJobs } from "./jobs.ts";
import { writerSettings } from "./options.ts";
import type {
  FlushReport,
  Writer,
  WriterOptions,
  WriterTarget,
} from "./types.ts";

const withFlush = onDemand(() => import("./flush.ts"));
const FLUSH = { method: "flush of a writer" };
const EMPTY: FlushReport = { inserted: 0, updated: 0, ignored: 0, rejected: 0 };

/**
 * Creates a writer, which collects rows of several tables and writes them
 * together: a step of a pipeline hands over what it computed from a batch, and
 * acknowledges the batch when `flush()` resolves.
 *
 * One transaction holds all rows that a flush writes, the tables of foreign keys
 * before those that refer to them. A flush also begins by itself when `maxRows`
 * rows wait, or one has waited for `maxMilliseconds`; rows of calls without an
 * `await` between them are always in the same transaction. One flush runs at a
 * time.
 *
 * A flush that fails is repeated up to `retries` times after a conflict, a time
 * limit or a lost connection, if nothing was written; if that is unknown, only if
 * all of its writes can be repeated, because every row has a key. Otherwise the
 * flush writes nothing, the writer drops all rows that it holds, and the call
 * that waits (`flush`, `ready` or the disposal) rejects, or if none does the next
 * one. Hand the rows over again after that.
 *
 * A writer on a transaction writes in that transaction, and only while `flush`,
 * `ready` or its disposal is awaited. On a MongoDB server without transactions, a
 * flush that fails lists the written rows in `partly` of its error.
 *
 * @param db a connection, or a transaction on it
 * @throws {QueryError} if an option is wrong
 * @example
 * ```ts
 * import { connect, createWriter, type RejectedRow } from "@alerce/db-plugins";
 * import { AstroObject, NonDetection } from "@alerce/db-plugins/models";
 * import assert from "node:assert/strict";
 *
 * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
 * await db.createDb();
 * const rejected: RejectedRow[] = [];
 * await using writer = createWriter(db, {
 *   onRejected: (row) => void rejected.push(row),
 * });
 * writer.insert(NonDetection, [
 *   { oid: "ZTF18a", fid: 1, mjd: 58270, diffmaglim: 20.1 },
 *   { oid: "ZTF18x", fid: 1, mjd: 58270, diffmaglim: 20.1 }, // no such object
 * ]);
 * writer.upsert(AstroObject, [{ oid: "ZTF18a", ndet: 3 }]);
 * assert.deepEqual(await writer.flush(), {
 *   inserted: 2,
 *   updated: 0,
 *   ignored: 0,
 *   rejected: 1,
 * });
 * assert.equal(rejected[0]?.index, 1);
 * assert.equal(rejected[0]?.problems[0]?.field, "oid");
 * ```
 */
export function createWriter(
  db: WriterTarget,
  options: WriterOptions = {},
): Writer {
  assertTarget(db);
  const { onRejected, retries, ...times } = writerSettings(options);
  const isInside = db.withSession === undefined;
  // A flush that begins by itself must not belong to the code that handed over the last row.
  const inOwnContext = AsyncLocalStorage.snapshot();
  const stats = { flushes: 0, rows: 0, rejected: 0, retries: 0 };
  let report = EMPTY;
  let isDisposed = false;
  const jobs = createJobs({
    ...times,
    isAutomatic: !isInside,
    work: (handovers) =>
      inOwnContext(() =>
        withFlush(async ({ flush }) => {
          const { written, rejected } = await flush(db, handovers, {
            retries: isInside ? 0 : retries,
            setsAside: onRejected !== undefined,
            onRetry: () => void stats.retries++,
          });
          const { inserted, updated, ignored } = written;
          stats.flushes++;
          stats.rows += inserted + updated + ignored;
          stats.rejected += rejected.length;
          report = {
            inserted: report.inserted + inserted,
            updated: report.updated + updated,
            ignored: report.ignored + ignored,
            rejected: report.rejected + rejected.length,
          };
          for (const row of rejected) await onRejected?.(row);
        })
      ),
  });

  function add(
    model: AnyModel,
    rows: Rows<object>,
    call: WriterCall,
  ): void {
    if (isDisposed) {
      throw new TransactionError(
        `Cannot ${call.method} with a writer that was disposed; is an await missing?`,
      );
    }
    jobs.add(handover(model, rows, call));
  }

  /** @throws {TransactionError} inside a transaction of the connection, where a wait for another one could last for ever */
  async function assertOutside(): Promise<void> {
    if (jobs.isIdle) return;
    await db.withSession?.(() => Promise.resolve()).catch((error) => {
      if (error instanceof TransactionError) throw error;
    });
  }

  async function flush(options: CallOptions = {}): Promise<FlushReport> {
    assertCallOptions(FLUSH, options);
    options.signal?.throwIfAborted();
    await assertOutside();
    const limit = isLimited(options) ? startLimit(FLUSH, options) : undefined;
    try {
      await jobs.finish(limit?.signal);
    } finally {
      limit?.end();
    }
    const finished = report;
    report = EMPTY;
    return finished;
  }

  return {
    insert: (model, rows, options = {}) =>
      add(model, rows, { method: "insert", options }),
    upsert: (model, rows, options = {}) =>
      add(model, rows, { method: "upsert", options }),
    get ready() {
      return assertOutside().then(() => jobs.room());
    },
    flush,
    get stats() {
      return { ...stats };
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      try {
        await flush();
      } finally {
        jobs.stop();
      }
    },
  };
}

function assertTarget(db: unknown): void {
  const isTarget = typeof db === "object" && db !== null && "query" in db &&
    "transaction" in db;
  if (isTarget) return;
  throw new QueryError(
    `Cannot create a writer on ${
      valueText(db)
    }: pass a connection or a transaction`,
    { field: "db" },
  );
}
