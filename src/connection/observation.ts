import type { Backend, OpenOptions } from "../engine/engine.ts";
import type { CallObserver } from "../query/statement/call_observer.ts";
import { ConfigError, type ConfigProblem } from "../base/errors/mod.ts";
import type { ConnectOptions } from "./types.ts";
import { loadModule } from "../base/load_module.ts";

type OnQuery = NonNullable<OpenOptions["onQuery"]>;

/** The observers of the calls and the statements of a connection. */
interface Observation {
  readonly observer: CallObserver | undefined;
  readonly onQuery: OnQuery | undefined;
  readonly slowQueries: OpenOptions["slowQueries"];
}

/**
 * Creates the observers that the options require. Loads OpenTelemetry only if `telemetry` is true.
 *
 * @param backend returns the open connection
 * @throws {ConfigError} with every option that has a wrong value
 */
export async function createObservation(
  options: ConnectOptions,
  backend: () => Backend | undefined,
): Promise<Observation> {
  const { onQuery, telemetry } = options;
  const slowQueries = slowQueriesOf(options);
  if (telemetry !== true) return { observer: undefined, onQuery, slowQueries };
  const { createTelemetry } = await loadModule(() => import("./telemetry.ts"));
  const observer = createTelemetry(() => backend()?.description);
  return {
    observer,
    slowQueries,
    onQuery: onQuery === undefined ? observer.onQuery : (event) => {
      observer.onQuery(event);
      onQuery(event);
    },
  };
}

function slowQueriesOf(options: ConnectOptions): OpenOptions["slowQueries"] {
  const { slowQuery, onSlowQuery, explain, telemetry } = options;
  const problems: ConfigProblem[] = [];
  for (const [key, value] of Object.entries({ explain, telemetry })) {
    if (!["undefined", "boolean"].includes(typeof value)) {
      problems.push({ key, problem: "must be true or false" });
    }
  }
  if (
    slowQuery !== undefined && !(typeof slowQuery === "number" &&
      slowQuery >= 0 && Number.isFinite(slowQuery))
  ) {
    problems.push({
      key: "slowQuery",
      problem: "must be a number of milliseconds, 0 or more",
    });
  }
  if (onSlowQuery !== undefined && typeof onSlowQuery !== "function") {
    problems.push({ key: "onSlowQuery", problem: "must be a function" });
  }
  if ((slowQuery === undefined) !== (onSlowQuery === undefined)) {
    problems.push({
      key: slowQuery === undefined ? "slowQuery" : "onSlowQuery",
      problem: "is missing: slowQuery and onSlowQuery belong together",
    });
  } else if (explain !== undefined && slowQuery === undefined) {
    problems.push({
      key: "explain",
      problem: "has no effect without slowQuery and onSlowQuery",
      nearest: "slowQuery",
    });
  }
  if (problems.length > 0) {
    throw new ConfigError("Invalid options of connect", problems);
  }
  return slowQuery === undefined || onSlowQuery === undefined
    ? undefined
    : { milliseconds: slowQuery, onSlowQuery, explain: explain === true };
}
