import type { AnyModel } from "../../model/types.ts";
import type { Executor } from "../statement/executor.ts";
import { wholeNumber } from "./find.ts";
import { compileFilter } from "../filter/compile_filter.ts";

/** How many rows match, counted no further than `max`. */
export function count(
  executor: Executor,
  model: AnyModel,
  { filterBy, max }: { readonly filterBy?: unknown; readonly max?: unknown },
): Promise<number> {
  return executor.run({
    kind: "count",
    model,
    where: compileFilter(model, filterBy),
    max: wholeNumber(model, "max", max),
  });
}

/** Whether any row matches. */
export function exists(
  executor: Executor,
  model: AnyModel,
  { filterBy }: { readonly filterBy?: unknown },
): Promise<boolean> {
  const where = compileFilter(model, filterBy);
  return executor.run({ kind: "exists", model, where });
}
