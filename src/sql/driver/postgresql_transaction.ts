import {
  QueryError,
  transactionEnded,
  withOutcome,
} from "../../base/errors/mod.ts";
import { withEndReason } from "./end_reason.ts";
import { LostCommitError } from "./errors.ts";
import type { Command, RawSql, Rows, SqlTransaction } from "../link/link.ts";
import { isBroken, isStalePlan, isUnprepared } from "../link/server_error.ts";
import { answerOf, type CallLimits } from "./call_limits.ts";
import type { Lease } from "./client_leases.ts";
import type { Names } from "./statement_names.ts";
import { isInTransaction } from "./connection_reader.ts";
import { endedBySql, hasEnded, mayEnd } from "./raw_scripts.ts";
import { type Sender, type Sent, settled } from "./sender.ts";
import { loadModule } from "../../base/load_module.ts";

const ignore = (): void => {};

/** What transactions send their statements with. */
interface TransactionTools {
  readonly names: Names;
  readonly sender: Sender;
  /** Sends without the time limit of a call. */
  readonly unlimited: Sender;
  readonly limits: CallLimits;
}

/**
 * Creates a transaction that has begun on a client, and releases the client at its end.
 *
 * @param beginText the statement that began it
 */
export function createTransaction(
  { client, release }: Lease,
  { names, sender: { send }, unlimited, limits }: TransactionTools,
  beginText: string,
): SqlTransaction {
  let broken = false;
  let ended = false;
  /** Whether no statement was sent yet, so that the transaction can begin again. */
  let isNew = true;
  /** Whether the connection ended before the commit, which therefore did not happen. */
  let lost = false;
  /** The error of SQL of the caller that ended the transaction. */
  let endedBy: Error | undefined;
  /** Whether SQL of the caller may have left something in the session. */
  let isUsed = false;
  const onError = (): void => {
    broken = true;
    lost = !ended;
  };
  client.on("error", onError);

  async function whileOpen<T>(
    work: () => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    if (ended) {
      throw transactionEnded();
    }
    try {
      return await work();
    } catch (error) {
      // The statement was not sent.
      if (signal?.aborted && error === signal.reason) throw error;
      broken ||= isBroken(answerOf(error));
      throw withEndReason(client, error);
    }
  }

  /** Ends the transaction once. Later calls do nothing, because the client may have another user. */
  async function end(
    text: "commit" | "rollback",
    signal?: AbortSignal,
  ): Promise<void> {
    if (text === "commit" && endedBy !== undefined) throw endedBy;
    if (ended) return;
    ended = true;
    try {
      // A broken client is closed without a rollback: the server rolls back when the connection ends.
      if (text === "commit" || !broken) {
        const begin = () => unlimited.send(client, { text, values: [] });
        const isCommit = text === "commit";
        await (signal === undefined && !limits.isTimed
          ? begin()
          : limits.run(client, { begin, signal, isCommit }));
      }
    } catch (error) {
      broken ||= text === "rollback" || isBroken(error);
      const reason = withEndReason(client, error);
      if (text === "commit" && broken && !lost) {
        throw new LostCommitError(reason);
      }
      throw withOutcome(reason, "not applied");
    } finally {
      client.off("error", onError);
      release(broken || isUsed);
    }
  }

  /** Ends a transaction whose state is unknown, with its connection. */
  function giveUp(): void {
    ended = true;
    client.off("error", onError);
    release(true);
  }

  /** Sends SQL of the caller, and checks that the transaction is still open after it. */
  async function sendRaw(
    command: Command,
    raw: RawSql,
    rows: Rows | undefined,
  ): Promise<Sent> {
    isUsed ||= raw.leavesState;
    const { text } = command;
    try {
      const sent = await send(client, command, rows);
      if (isInTransaction(client) && !hasEnded(text, sent.tags)) return sent;
      throw endedBySql();
    } catch (error) {
      if (raw.isScript) {
        if (error instanceof QueryError) endedBy = error;
        else if (mayEnd(text)) endedBy = endedBySql(error);
        giveUp();
      }
      throw endedBy ?? error;
    }
  }

  return {
    query: async (command, rows) =>
      settled(
        await whileOpen(async () => {
          const named = names.of(command);
          const isFirst = isNew;
          isNew = false;
          if (command.raw !== undefined) {
            return await sendRaw(command, command.raw, rows);
          }
          try {
            return await send(client, named, rows);
          } catch (error) {
            if (isFirst && named.name !== undefined && isUnprepared(error)) {
              await send(client, { text: "rollback", values: [] });
              await send(client, { text: beginText, values: [] });
              return await send(client, named, rows);
            }
            if (isStalePlan(error) && named.name !== undefined) {
              names.renew(named.name);
            }
            throw error;
          }
        }, command.signal),
      ),
    copyIn: (target, chunks, signal) =>
      whileOpen(async () => {
        isNew = false;
        const { copyIn } = await loadModule(() => import("./copy_in.ts"));
        signal?.throwIfAborted();
        const { done, stop } = copyIn(client, target, chunks);
        return await limits.run(client, {
          begin: () => done,
          signal,
          stopCopy: stop,
        });
      }, signal),
    async commit(signal) {
      signal?.throwIfAborted();
      await end("commit", signal);
    },
    rollback: () => end("rollback").catch(ignore),
  };
}
