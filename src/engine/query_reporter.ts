import { printableText } from "../base/errors/printable.ts";
import type { OpenOptions, QueryEvent } from "./engine.ts";

/** Runs a query, reports it to `onQuery` and maps its errors. */
export type ReportQuery<Query> = <T>(
  query: Query,
  work: () => Promise<T>,
  rowsOf: (result: T) => number,
) => Promise<T>;

/** What an engine knows about its queries. */
export interface QueryDescription<Query> {
  /** The server of the queries. */
  readonly server: string;
  /** Returns the address of the server, if it is one. Called only if `onQuery` is set. */
  readonly address?: () => Pick<QueryEvent, "host" | "port">;
  /** The text and values of a query, for an event. Called only if `onQuery` is set. */
  describe(query: Query): Required<Pick<QueryEvent, "text" | "values">>;
  /** The error of this package for an error of the driver. */
  mapError(error: unknown, query: Query): Error;
}

/** Creates the function through which an engine sends every query. */
export function queryReporter<Query>(
  { onQuery, logValues }: Pick<OpenOptions, "onQuery" | "logValues">,
  { server, address, describe, mapError }: QueryDescription<Query>,
): ReportQuery<Query> {
  if (onQuery === undefined) {
    return async (query, work) => {
      try {
        return await work();
      } catch (error) {
        throw mapError(error, query);
      }
    };
  }
  return async (query, work, rowsOf) => {
    const start = performance.now();
    const report = (result: Partial<QueryEvent>): void => {
      const { text, values } = describe(query);
      onQuery({
        text: printableText(text),
        server,
        ...address?.(),
        milliseconds: performance.now() - start,
        ...(logValues ? { values } : {}),
        ...result,
      });
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
