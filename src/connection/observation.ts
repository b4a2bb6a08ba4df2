import type { Backend, OpenOptions } from "../engine/engine.ts";
import type { CallObserver } from "../query/statement/call_observer.ts";
import type { ConnectOptions } from "./types.ts";

type OnQuery = NonNullable<OpenOptions["onQuery"]>;

/** What sees the calls and the statements of a connection. */
export interface Observation {
  readonly observer: CallObserver | undefined;
  readonly onQuery: OnQuery | undefined;
}

/**
 * Creates what the options ask for. Loads OpenTelemetry only if it is asked for.
 *
 * @param backend returns the open connection
 */
export async function createObservation(
  { onQuery, telemetry }: ConnectOptions,
  backend: () => Backend | undefined,
): Promise<Observation> {
  if (telemetry !== true) return { observer: undefined, onQuery };
  const { createTelemetry } = await import("./telemetry.ts");
  const observer = createTelemetry(() => backend()?.description);
  return {
    observer,
    onQuery: onQuery === undefined ? observer.onQuery : (event) => {
      observer.onQuery(event);
      onQuery(event);
    },
  };
}
