import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Attributes,
  context,
  metrics,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { DatabaseDescription, QueryEvent } from "../engine/engine.ts";
import type {
  CallObserver,
  ObservedCall,
} from "../query/statement/call_observer.ts";

/** The name of the tracer and of the meter. */
const SCOPE = "@alerce/db-plugins";
/** The bounds of the histogram that the conventions recommend, in seconds. */
const BOUNDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
/** The most characters of the texts of a call: some servers of traces refuse longer attributes. */
const LONGEST_TEXT = 8_192;
/** Methods whose span contains those of other methods, so that their duration is not measured twice. */
const OUTER: ReadonlySet<string> = new Set(["transaction"]);

/** Spans and metrics of the calls on a connection. */
interface Telemetry extends CallObserver {
  /** Adds a statement to the span of its call. */
  readonly onQuery: (event: QueryEvent) => void;
}

/** A call that is running. */
interface Running {
  readonly span: Span;
  readonly attributes: Attributes;
  readonly isMeasured: boolean;
  readonly start: number;
  readonly texts: Set<string>;
  server: Attributes;
}

/**
 * Creates the telemetry of a connection, by OpenTelemetry's conventions for
 * database clients. Without an SDK, it does nothing.
 *
 * @param describe returns what the engine knows about the database
 */
export function createTelemetry(
  describe: () => DatabaseDescription | undefined,
): Telemetry {
  const tracer = trace.getTracer(SCOPE);
  const duration = metrics.getMeter(SCOPE).createHistogram(
    "db.client.operation.duration",
    {
      description: "Duration of database client operations.",
      unit: "s",
      advice: { explicitBucketBoundaries: BOUNDS },
    },
  );
  const current = new AsyncLocalStorage<Running>();

  function begin({ method, model }: ObservedCall): Running {
    const { system, namespace } = describe() ?? {};
    const attributes: Attributes = {
      ...system === undefined ? {} : { "db.system.name": system },
      ...namespace === undefined ? {} : { "db.namespace": namespace },
      "db.operation.name": method,
      ...model === undefined ? {} : { "db.collection.name": model.table },
    };
    const isMeasured = !OUTER.has(method);
    return {
      span: tracer.startSpan(
        model === undefined ? method : `${method} ${model.table}`,
        {
          kind: isMeasured ? SpanKind.CLIENT : SpanKind.INTERNAL,
          attributes,
        },
      ),
      attributes,
      isMeasured,
      start: performance.now(),
      texts: new Set(),
      server: {},
    };
  }

  function within<T>(running: Running, work: () => T): T {
    const active = trace.setSpan(context.active(), running.span);
    return context.with(active, () => current.run(running, work));
  }

  function end(running: Running, result: Attributes): void {
    const { span, attributes, start, texts, server, isMeasured } = running;
    if (span.isRecording()) {
      const text = shortened([...texts].join("; "));
      span.setAttributes({
        ...text === "" ? {} : { "db.query.text": text },
        ...server,
        ...result,
      });
      // The message of an error can contain values.
      if ("error.type" in result) {
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
    }
    span.end();
    if (!isMeasured) return;
    const { "error.type": type } = result;
    duration.record((performance.now() - start) / 1_000, {
      ...attributes,
      ...server,
      ...type === undefined ? {} : { "error.type": type },
    });
  }

  return {
    onQuery({ text, milliseconds, rows, error, host, port }) {
      const running = current.getStore();
      if (running === undefined) return;
      const server = {
        ...host === undefined ? {} : { "server.address": host },
        ...port === undefined ? {} : { "server.port": port },
      };
      running.server = server;
      if (!running.span.isRecording()) return;
      const query = shortened(describe()?.textOf?.(text) ?? text);
      running.texts.add(query);
      running.span.addEvent("db.query", {
        "db.query.text": query,
        "dbp.duration": milliseconds / 1_000,
        ...rows === undefined ? {} : { "dbp.rows": rows },
        ...error === undefined ? {} : errorAttributes(error),
        ...server,
      });
    },
    async run(call, work) {
      const running = begin(call);
      try {
        const result = await within(running, work);
        const isAsked = call.isRead === true || hasRows(result);
        end(running, isAsked ? rowsAttributes(result) : {});
        return result;
      } catch (error) {
        end(running, errorAttributes(error));
        throw error;
      }
    },
    stream: (call, rows) => ({
      [Symbol.asyncIterator]: () =>
        observedIterator(rows[Symbol.asyncIterator](), () => {
          const running = begin(call);
          return {
            within: (work) => within(running, work),
            end: (count, error) =>
              end(running, {
                "db.response.returned_rows": count,
                ...error === undefined ? {} : errorAttributes(error.reason),
              }),
          };
        }),
    }),
  };
}

/** The call of a stream, from its first row on. */
interface StreamCall {
  within<T>(work: () => T): T;
  end(count: number, error?: { readonly reason: unknown }): void;
}

function observedIterator<T>(
  source: AsyncIterator<T>,
  begin: () => StreamCall,
): AsyncIterator<T> {
  let call: StreamCall | undefined;
  let count = 0;
  const end = (error?: { readonly reason: unknown }): void => {
    call?.end(count, error);
    call = undefined;
  };
  const step = async (
    work: () => Promise<IteratorResult<T>>,
  ): Promise<IteratorResult<T>> => {
    try {
      const next = await (call === undefined ? work() : call.within(work));
      if (next.done === true) end();
      else count++;
      return next;
    } catch (reason) {
      end({ reason });
      throw reason;
    }
  };
  let isBegun = false;
  return {
    next() {
      if (!isBegun) call = begin();
      isBegun = true;
      return step(() => source.next());
    },
    return: (value) =>
      step(() =>
        source.return?.(value) ?? Promise.resolve({ done: true, value })
      ),
  };
}

/** The attributes of a failure: its class and the code of the server, never a message. */
function errorAttributes(error: unknown): Attributes {
  const type = error instanceof Error ? error.name : "_OTHER";
  const code = codeOf(error);
  return {
    "error.type": type,
    ...code === undefined ? {} : { "db.response.status_code": code },
  };
}

/** The code of the server: an SQLSTATE, or a number of MongoDB. The codes of the system begin with E and have letters only. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code: unknown = Reflect.get(error, "code");
  if (typeof code === "number") return String(code);
  return typeof code === "string" && /^(?!E[A-Z]{4})[0-9A-Z]{1,5}$/.test(code)
    ? code
    : codeOf(error.cause);
}

/** The number of rows that a read returned, if it returned rows. */
function rowsAttributes(result: unknown): Attributes {
  const count = rowCount(result);
  return count === undefined ? {} : { "db.response.returned_rows": count };
}

/** Whether a write returned the rows that it wrote. */
function hasRows(result: unknown): boolean {
  return typeof result === "object" && result !== null && "rows" in result &&
    Array.isArray(result.rows);
}

function rowCount(result: unknown): number | undefined {
  if (result === null) return 0;
  if (typeof result !== "object") return undefined;
  if (Array.isArray(result)) return result.length;
  if (result instanceof Map) return result.size;
  for (const name of ["items", "rows"]) {
    const rows: unknown = Reflect.get(result, name);
    if (Array.isArray(rows)) return rows.length;
  }
  return 1;
}

function shortened(text: string): string {
  return text.length <= LONGEST_TEXT
    ? text
    : `${text.slice(0, LONGEST_TEXT - 1)}…`;
}
