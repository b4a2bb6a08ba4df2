import type { OpenOptions } from "../../engine/engine.ts";
import { queryReporter } from "../../engine/query_reporter.ts";
import {
  DatabaseError,
  DbPluginsError,
  recordedOutcome,
  TransactionError,
  withOutcome,
} from "../../base/errors/mod.ts";
import { explainCommand } from "./explain.ts";
import type { ErrorMapper } from "./errors.ts";
import { isServerError } from "../link/server_error.ts";
import type {
  Command,
  SqlDriver,
  SqlLink,
  SqlTransaction,
} from "../link/link.ts";

/** A driver that reports its statements to `onQuery` and throws errors of this package. */
export function reportingDriver(
  driver: SqlDriver,
  mapError: ErrorMapper,
  options: Pick<OpenOptions, "onQuery" | "logValues" | "slowQueries">,
): SqlDriver {
  const description = {
    server: driver.location,
    address: driver.address,
    explain: (
      command: Pick<Command, "text" | "values" | "signal">,
      withValues: boolean,
    ) => explainCommand(driver, command, withValues),
    describe: (
      { text, values }: Pick<Command, "text" | "values" | "signal">,
    ) => ({
      text,
      values: values.map((value) =>
        value instanceof Uint8Array
          ? `${value.length} bytes`
          : typeof value === "number"
          ? String(value)
          : value
      ),
    }),
    mapError: (
      error: unknown,
      { isRead, isCatalogRead, signal }: Partial<Command>,
    ) => {
      const mapped = signal?.aborted && error === signal.reason
        ? abortedError(error)
        : mapError(error);
      return isRead || isCatalogRead
        ? withOutcome(mapped, "not applied")
        : mapped;
    },
  };
  const report = queryReporter(options, description);
  const reportNothing = queryReporter({}, description);
  const reportText = <T>(
    text: string,
    work: () => Promise<T>,
    signal?: AbortSignal,
    rows: (result: T) => number = () => 0,
  ): Promise<T> => report({ text, values: [], signal }, work, rows);

  const isSilent = options.onQuery === undefined &&
    options.slowQueries === undefined;
  /** The queries of a link; if nobody receives reports, without what a report requires. */
  const query = (link: SqlLink): SqlLink["query"] =>
    isSilent
      ? async (command, rows) => {
        try {
          return await link.query(command, rows);
        } catch (error) {
          throw description.mapError(error, command);
        }
      }
      : (command, rows) =>
        (command.isCatalogRead ? reportNothing : report)(
          command,
          () => link.query(command, rows),
          ({ count }) => count,
        );

  return {
    concurrent: driver.concurrent,
    location: driver.location,
    address: driver.address,
    elapsed: driver.elapsed,
    query: query(driver),
    async begin(options): Promise<SqlTransaction> {
      const tx = await reportText(
        "begin",
        () =>
          driver.begin(options).catch((error) => {
            throw withOutcome(error, "not applied");
          }),
        options.signal,
      );
      let failure: unknown;
      /** Records the first error since the last statement that succeeded: after it the server accepts only a rollback, and it executes a commit as a rollback without an error. */
      const recordFailure = async <T>(
        work: () => Promise<T>,
        signal: AbortSignal | undefined,
      ): Promise<T> => {
        try {
          const result = await work();
          failure = undefined;
          return result;
        } catch (error) {
          if (isServerError(error) || signal?.aborted) failure ??= error;
          throw recordedOutcome(error) === "applied"
            ? error
            : withOutcome(error, "not applied");
        }
      };
      const rollback = () => reportText("rollback", () => tx.rollback());
      return {
        query: query({
          query: (command, rows) =>
            recordFailure(() => tx.query(command, rows), command.signal),
        }),
        copyIn: (target, chunks, signal) =>
          reportText(
            `copy ${target} from stdin`,
            () =>
              recordFailure(() => tx.copyIn(target, chunks, signal), signal),
            signal,
            (rows) => rows,
          ),
        async commit(signal) {
          if (failure === undefined) {
            await reportText("commit", () => tx.commit(signal), signal);
          } else {
            await rollback();
            throw new TransactionError(
              "Cannot commit: a statement of this transaction failed, so the whole transaction was rolled back",
              { cause: mapError(failure) },
            );
          }
        },
        rollback,
      };
    },
    async reserve() {
      const session = await reportText("reserve", () => driver.reserve());
      return {
        ...session,
        exclusively: async (turn) => {
          let turnError: unknown;
          try {
            return await session.exclusively(async (link) => {
              try {
                return await turn({ query: query(link) });
              } catch (error) {
                turnError = error;
                throw error;
              }
            });
          } catch (error) {
            // Errors of the turn itself do not come from the driver.
            throw error === turnError ? error : mapError(error);
          }
        },
      };
    },
    close: () => driver.close(),
  };
}

/** The error of a statement that its signal ended, for query events: the call itself throws the reason. */
function abortedError(reason: unknown): Error {
  return reason instanceof DbPluginsError ? reason : new DatabaseError(
    "The statement ended because the signal of its call was aborted",
    { cause: reason },
  );
}
