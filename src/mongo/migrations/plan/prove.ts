import type { PlanOptions, Script } from "../../../engine/migrations/mod.ts";
import { proveFiles } from "../../../migrations/plan/prove.ts";
import type { AnyModel } from "../../../model/types.ts";
import {
  type LiveCollection,
  liveCollections,
} from "../../schema/live_collections.ts";
import { SCRATCH } from "../../schema/own_collections.ts";
import { wholeText } from "../compare/validator.ts";
import { send, type Target } from "../file/command.ts";
import { canonicalText } from "../file/json.ts";
import { apply } from "../run/apply.ts";
import { planSchema } from "./plan.ts";
import { recreateCommands } from "./whole_collections.ts";

/** Milliseconds after which the collections of an interrupted proof are dropped. */
const EXPIRED = 3_600_000;

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
  const prefix = `${SCRATCH}${Date.now().toString(36)}_${
    crypto.randomUUID().slice(0, 8)
  }_`;
  const scratch: Target = { ...target, prefix };
  const context = {
    ...scratch,
    models,
    begun: false,
    unchecked: false,
    between: () => Promise.resolve(),
  };
  try {
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
  } finally {
    await dropWhere(scratch.db, (name) => name.startsWith(prefix));
  }
  await dropWhere(scratch.db, (name) => {
    const [time = ""] = name.slice(SCRATCH.length).split("_");
    return name.startsWith(SCRATCH) &&
      Date.now() - Number.parseInt(time, 36) > EXPIRED;
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
  const live = await liveCollections({ ...scratch, prefix: "" });
  for (const collection of live.values()) {
    if (!names.has(collection.name) || collection.type !== "collection") {
      continue;
    }
    for (const command of recreateCommands(collection)) {
      await send(scratch, command);
    }
  }
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

/** Drops the collections whose name passes a test. */
async function dropWhere(
  db: Target["db"],
  isDropped: (name: string) => boolean,
): Promise<void> {
  const listed = await db.listCollections({}, { nameOnly: true }).toArray();
  for (const { name } of listed) {
    if (isDropped(name)) await db.dropCollection(name).catch(() => {});
  }
}
