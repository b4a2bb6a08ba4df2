import type { AnyModel } from "../../model/types.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import type { Executor } from "../statement/executor.ts";
import type { Models } from "../statement/models.ts";
import { wholeNumberOption } from "../checks/whole_number.ts";

/** Counts the rows that match, up to `max`. */
export function count(
  executor: Executor,
  model: AnyModel,
  { filterBy, max }: { readonly filterBy?: unknown; readonly max?: unknown },
  models: Models,
): Promise<number> {
  return executor.run({
    kind: "count",
    model,
    where: compileFilter(model, filterBy, models),
    max: wholeNumberOption(model, "max", max),
  });
}

/** Returns whether at least one row matches. */
export function exists(
  executor: Executor,
  model: AnyModel,
  { filterBy }: { readonly filterBy?: unknown },
  models: Models,
): Promise<boolean> {
  const where = compileFilter(model, filterBy, models);
  return executor.run({ kind: "exists", model, where });
}
