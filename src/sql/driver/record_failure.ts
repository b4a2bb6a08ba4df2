import { withOutcome } from "../../base/errors/mod.ts";
import type { Exchange } from "./protocol/exchange.ts";

/** Records what the server did with a statement whose rows cannot be read. */
export function recordFailure(
  failure: unknown,
  { isExecuted }: Exchange,
): void {
  withOutcome(failure, isExecuted() ? "applied" : "not applied");
}
