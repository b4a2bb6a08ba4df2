import { printableText } from "../base/errors/printable.ts";
import type { OpenOptions, QueryEvent } from "./engine.ts";
import { slowReporter } from "./slow_reporter.ts";

/** Runs a query, reports it to `onQuery` and maps its errors. */
export type ReportQuery<Query> = <T>(
  query: Query,
  work: () => Promise<T>,
  rowsOf: (result: T) => number,
) => Promise<T>;

/** What an engine knows about its queries. */
interface QueryDescription<Query> {
  /** The server of the queries. */
  readonly server: string;
  /** Returns the address of the server, if it is known. Called only for an event. */
  readonly address?: (() => Pick<QueryEvent, "host" | "port">) | undefined;
  /** The text and values of a query. Called only for an event. */
  describe(query: Query): Required<Pick<QueryEvent, "text" | "values">>;
  /** The error of this package for an error of the driver. */
  mapError(error: unknown, query: Query): Error;
  /**
   * Returns the plan of a query, which it does not execute; undefined if the
   * query has none. If not defined, no query has one.
   *
   * @param withValues whether the plan may contain values
   */
  explain?(query: Query, withValues: boolean): Promise<string | undefined>;
}

type ReportOptions = Pick<
  OpenOptions,
  "onQuery" | "logValues" | "slowQueries"
>;

/** Creates the function through which an engine sends every query. */
export function queryReporter<Query>(
  { onQuery, logValues = false, slowQueries }: ReportOptions,
  description: QueryDescription<Query>,
): ReportQuery<Query> {
  const { server, address, describe, mapError, explain } = description;
  if (onQuery === undefined && slowQueries === undefined) {
    return async (query, work) => {
      try {
        return await work();
      } catch (error) {
        throw mapError(error, query);
      }
    };
  }
  const reportSlow = slowQueries &&
    slowReporter<Query>(slowQueries, {
      explain: (query) => explain?.(query, logValues),
      mapError,
    });
  return async (query, work, rowsOf) => {
    const start = performance.now();
    const report = (result: Partial<QueryEvent>): void => {
      const milliseconds = performance.now() - start;
      const isSlow = slowQueries !== undefined &&
        milliseconds >= slowQueries.milliseconds;
      if (onQuery === undefined && !isSlow) return;
      const { text, values } = describe(query);
      const event = {
        text: printableText(text),
        server,
        ...address?.(),
        milliseconds,
        ...(logValues ? { values } : {}),
        ...result,
      };
      if (isSlow) reportSlow?.(event, query);
      onQuery?.(event);
    };
    let result;
    try {
      result = await work();
    } catch (error) {
      report({ error: mapError(error, query) });
      // A second object: only the caller's error may later carry the keys of written rows.
      throw mapError(error, query);
    }
    report({ rows: rowsOf(result) });
    return result;
  };
}
