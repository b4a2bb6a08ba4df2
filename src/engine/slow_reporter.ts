import { printableText } from "../base/errors/printable.ts";
import { createQueue } from "../base/queue.ts";
import type { QueryEvent, SlowQueries, SlowQueryEvent } from "./engine.ts";

/** The maximum number of waiting plans, so that a slow server does not receive ever more work. */
const WAITING = 10;

/** The functions of an engine for its slow queries. */
interface SlowQueryDescription<Query> {
  readonly explain: (query: Query) => Promise<string | undefined> | undefined;
  readonly mapError: (error: unknown, query: Query) => Error;
}

/** Returns a function that reports a slow query: at once, or when its plan is known. The plans are read one at a time. */
export function slowReporter<Query>(
  { onSlowQuery, explain: hasPlans }: SlowQueries,
  { explain, mapError }: SlowQueryDescription<Query>,
): (event: QueryEvent, query: Query) => void {
  if (!hasPlans) return onSlowQuery;
  const enqueue = createQueue();
  let waiting = 0;

  async function planOf(
    query: Query,
  ): Promise<Pick<SlowQueryEvent, "plan" | "planError">> {
    try {
      const plan = await explain(query);
      return plan === undefined ? {} : { plan: printableText(plan) };
    } catch (error) {
      return { planError: mapError(error, query) };
    } finally {
      waiting--;
    }
  }

  return (event, query) => {
    if (waiting >= WAITING) {
      const planError = new Error(
        `The plans of ${WAITING} other statements are not known yet`,
      );
      onSlowQuery({ ...event, planError });
      return;
    }
    waiting++;
    enqueue(() => planOf(query)).then((plan) =>
      onSlowQuery({ ...event, ...plan })
    );
  };
}
