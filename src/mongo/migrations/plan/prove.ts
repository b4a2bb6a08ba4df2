import { MigrationError } from "../../../base/errors/mod.ts";
import type {
  Direction,
  PlanOptions,
  Script,
} from "../../../engine/migrations/mod.ts";
import type { AnyModel } from "../../../model/types.ts";
import { SCRATCH } from "../../schema/own_collections.ts";
import { apply } from "../run/apply.ts";
import { send, type Target } from "../file/command.ts";
import { canonicalText } from "../file/json.ts";
import {
  type LiveCollection,
  liveCollections,
} from "../../schema/live_collections.ts";
import { planSchema } from "./plan.ts";
import { wholeText } from "../compare/validator.ts";

/** Milliseconds after which the collections of an interrupted proof are dropped. */
const EXPIRED = 3_600_000;

/**
 * Runs the files of a plan on empty copies of the collections, which are
 * dropped afterwards: after `up` no change may remain, and `down` must restore
 * the original state.
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
  const { db } = target;
  const prefix = `${SCRATCH}${Date.now().toString(36)}_${
    crypto.randomUUID().slice(0, 8)
  }_`;
  const scratch: Target = { ...target, prefix };
  try {
    if (!options.empty) await copyInto(scratch, models, options);
    const before = await liveCollections(scratch);
    await runAll(scratch, models, up, "up");
    const rest = await planSchema(scratch, models, version, {
      ...options,
      empty: false,
    });
    const remaining = [
      ...rest.changes,
      ...rest.decisions.map(({ question }) => question),
      ...rest.refused.map(({ change }) => change),
    ];
    if (rest.up.steps.length > 0 || remaining.length > 0) {
      throw new MigrationError(
        `The up migration does not make all changes. It leaves:\n  ${
          remaining.join("\n  ")
        }`,
      );
    }
    if (down === undefined) return;
    await runAll(scratch, models, down, "down");
    const after = await liveCollections(scratch);
    const different = [...new Set([...before.keys(), ...after.keys()])]
      .filter((name) =>
        stateText(before.get(name)) !== stateText(after.get(name))
      );
    if (different.length > 0) {
      throw new MigrationError(
        `The down migration does not restore the original state of ${
          different.join(", ")
        }`,
      );
    }
  } finally {
    await dropCopies(scratch);
  }
  await dropExpired(db);
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
    const { name, options, validator, level, action, indexes } = collection;
    await send(scratch, {
      create: name,
      ...options,
      ...validator === undefined ? {} : { validator },
      validationLevel: level,
      validationAction: action,
    });
    if (indexes.length === 0) continue;
    await send(scratch, {
      createIndexes: name,
      indexes: indexes.map(({ spec }) => spec),
    });
  }
}

async function runAll(
  scratch: Target,
  models: readonly AnyModel[],
  script: Script,
  direction: Direction,
): Promise<void> {
  for (const step of script.steps) {
    try {
      await apply({
        ...scratch,
        models,
        begun: false,
        unchecked: false,
        between: () => Promise.resolve(),
      }, step);
    } catch (error) {
      throw new MigrationError(
        `The ${direction} migration fails on copies of the collections, at line ${step.line}: ${
          error instanceof Error ? error.message : error
        }`,
        { cause: error },
      );
    }
  }
}

function stateText(live: LiveCollection | undefined): string {
  if (live === undefined) return "";
  const { type, options, validator, level, action, indexes } = live;
  return canonicalText({
    type,
    options,
    rules: wholeText(validator),
    // Without a validator they have no effect.
    ...validator === undefined ? {} : { level, action },
    indexes: indexes.map(({ spec }) => spec),
  });
}

async function dropCopies({ db, prefix }: Target): Promise<void> {
  const listed = await db.listCollections({}, { nameOnly: true }).toArray();
  for (const { name } of listed) {
    if (name.startsWith(prefix)) await db.dropCollection(name).catch(() => {});
  }
}

/** Drops the collections of interrupted proofs. */
async function dropExpired(db: Target["db"]): Promise<void> {
  const listed = await db.listCollections({}, { nameOnly: true }).toArray();
  for (const { name } of listed) {
    if (!name.startsWith(SCRATCH)) continue;
    const [time = ""] = name.slice(SCRATCH.length).split("_");
    if (Date.now() - Number.parseInt(time, 36) > EXPIRED) {
      await db.dropCollection(name).catch(() => {});
    }
  }
}
