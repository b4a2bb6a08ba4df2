import { MigrationError } from "../../../base/errors/mod.ts";
import type { PlanOptions, Script } from "../../../engine/migrations/mod.ts";
import type { AnyModel } from "../../../model/types.ts";
import { SCRATCH } from "../../schema/own_collections.ts";
import { apply } from "../run/apply.ts";
import { send, type Target } from "../file/command.ts";
import { canonicalText } from "../file/json.ts";
import { type Live, liveIn } from "../compare/live_collections.ts";
import { planSchema } from "./plan.ts";
import { wholeText } from "../compare/validator.ts";

/** Milliseconds after which what a broken proof left behind is nobody's. */
const OLD = 3_600_000;

/**
 * Runs a plan's files on empty copies of the collections, under names of their
 * own, which are dropped: after `up` nothing is left to do, after `down` all
 * is as it was.
 *
 * @throws {MigrationError} naming the command that failed, or the difference
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
    const before = await liveIn(scratch);
    await runAll(scratch, models, up, "up");
    const left = await planSchema(scratch, models, version, {
      ...options,
      empty: false,
    });
    const open = [
      ...left.changes,
      ...left.decisions.map(({ question }) => question),
      ...left.refused.map(({ change }) => change),
    ];
    if (left.up.steps.length > 0 || open.length > 0) {
      throw new MigrationError(
        `The file forwards does not make the collections what the models say. It leaves:\n  ${
          open.join("\n  ")
        }`,
      );
    }
    if (down === undefined) return;
    await runAll(scratch, models, down, "down");
    const after = await liveIn(scratch);
    const different = [...new Set([...before.keys(), ...after.keys()])]
      .filter((name) => shape(before.get(name)) !== shape(after.get(name)));
    if (different.length > 0) {
      throw new MigrationError(
        `The file back does not make the collections what they were: ${
          different.join(", ")
        }`,
      );
    }
  } finally {
    await clear(scratch);
  }
  await clearOld(db);
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
  const live = await liveIn({ ...scratch, prefix: "" });
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
  direction: string,
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
        `The file ${
          direction === "up" ? "forwards" : "back"
        } fails on copies of the collections, at line ${step.line}: ${
          error instanceof Error ? error.message : error
        }`,
        { cause: error },
      );
    }
  }
}

function shape(live: Live | undefined): string {
  if (live === undefined) return "";
  const { type, options, validator, level, action, indexes } = live;
  return canonicalText({
    type,
    options,
    rules: wholeText(validator),
    // Without rules they say nothing.
    ...validator === undefined ? {} : { level, action },
    indexes: indexes.map(({ spec }) => spec),
  });
}

async function clear({ db, prefix }: Target): Promise<void> {
  const listed = await db.listCollections({}, { nameOnly: true }).toArray();
  for (const { name } of listed) {
    if (name.startsWith(prefix)) await db.dropCollection(name).catch(() => {});
  }
}

/** Drops what proofs left behind that were killed. */
async function clearOld(db: Target["db"]): Promise<void> {
  const listed = await db.listCollections({}, { nameOnly: true }).toArray();
  for (const { name } of listed) {
    if (!name.startsWith(SCRATCH)) continue;
    const [time = ""] = name.slice(SCRATCH.length).split("_");
    if (Date.now() - Number.parseInt(time, 36) > OLD) {
      await db.dropCollection(name).catch(() => {});
    }
  }
}
