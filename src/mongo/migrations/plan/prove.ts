import type { PlanOptions, Script } from "../../../engine/migrations/mod.ts";
import { proveFiles } from "../../../migrations/plan/prove.ts";
import type { AnyModel } from "../../../model/types.ts";
import {
  type LiveCollection,
  liveCollections,
} from "../../schema/live_collections.ts";
import { wholeText } from "../compare/validator.ts";
import type { Target } from "../file/command.ts";
import { canonicalText } from "../file/json.ts";
import { apply } from "../run/apply.ts";
import { planSchema } from "./plan.ts";
import { copyCollections, inScratch, scratchContext } from "./scratch.ts";

/**
 * Tests the files of a plan on empty copies of the collections, which are
 * dropped afterwards.
 *
 * @throws {MigrationError} with the command that failed, or the difference
 */
export async function proveScripts(
  target: Omit<Target, "prefix">,
  models: readonly AnyModel[],
  version: string,
  up: Script,
  down: Script | undefined,
  options: PlanOptions,
): Promise<void> {
  await inScratch(target, async (scratch) => {
    const context = { ...scratchContext(scratch, false), models };
    if (!options.empty) await copyInto(scratch, models, options);
    await proveFiles(
      {
        what: "collections",
        async state() {
          const live = await liveCollections(scratch);
          return new Map(
            [...live.values()].map((one) => [one.name, stateText(one)]),
          );
        },
        run: (step) => apply(context, step),
        async remaining() {
          const { changes, decisions, refused } = await planSchema(
            scratch,
            models,
            version,
            { ...options, empty: false },
          );
          return [
            ...changes,
            ...decisions.map(({ question }) => question),
            ...refused.map(({ change }) => change),
          ];
        },
      },
      up,
      down,
    );
  });
}

async function copyInto(
  scratch: Target,
  models: readonly AnyModel[],
  { managed, intent }: PlanOptions,
): Promise<void> {
  const names = new Set([
    ...models.flatMap(({ table, renamedFrom = table }) => [table, renamedFrom]),
    ...intent.renames.keys(),
    ...managed,
  ]);
  await copyCollections(
    scratch,
    ({ name, type }) => names.has(name) && type === "collection",
  );
}

function stateText(
  { type, options, validator, level, action, indexes }: LiveCollection,
): string {
  const state = {
    type,
    options,
    rules: wholeText(validator),
    // Without a validator they have no effect.
    ...validator === undefined ? {} : { level, action },
    indexes: indexes.map(({ spec }) => spec),
  };
  return JSON.stringify(JSON.parse(canonicalText(state)), null, 1);
}
