import type { Document } from "mongodb";
import {
  type DifferenceText,
  missing,
  renamed,
  unknown,
} from "../../../migrations/plan/difference.ts";
import type { AnyModel } from "../../../model/types.ts";
import { wantedCollection } from "../../schema/collection.ts";
import type { LiveCollection } from "../../schema/live_collections.ts";
import { type ShardKey, shardKeyText } from "../compare/shard_keys.ts";
import { refusedRename } from "../decide/refused_by_shards.ts";
import { specOf } from "../steps/index_steps.ts";
import { step } from "../steps/mongo_step.ts";
import { seedSteps } from "../steps/seed_steps.ts";
import { NOTHING, type Part } from "./part.ts";

/** Creates a collection with its seed rows. */
export function creation(model: AnyModel): Part {
  const { name, validator, indexes } = wantedCollection(model);
  const commands = createCommands(name, {
    validator,
    validationLevel: "strict",
    validationAction: "error",
  }, indexes.map(specOf));
  return {
    ...part(name, name, missing(`the collection ${name}`)),
    up: [...commands.map((command) => step(command)), ...seedSteps(model)],
    down: [step({ drop: name })],
  };
}

/** Renames a collection. */
export function renaming(
  from: string,
  to: string,
  shardKey: ShardKey | undefined,
  renamesSharded: boolean,
): Part {
  return {
    ...part(to, `${from}_to_${to}`, renamed(`the collection ${from}`, to)),
    up: [step({ renameCollection: from, to })],
    down: [step({ renameCollection: to, to: from })],
    refused: shardKey === undefined || renamesSharded
      ? []
      : [refusedRename(from, to, shardKey)],
  };
}

/** Drops a collection. */
export function dropping(
  live: LiveCollection,
  shardKey: ShardKey | undefined,
): Part {
  const { name } = live;
  const key = shardKey && shardKeyText(shardKey);
  const text = unknown(
    `the collection ${name} with its documents${
      key === undefined ? "" : ` and its shard key ${key}`
    }`,
  );
  return {
    ...part(name, name, text),
    up: [step({ drop: name })],
    down: recreateCommands(live).map((command) => step(command)),
    lost: [name],
    irreversible: key === undefined
      ? []
      : [`the shard key ${key} of ${name} is lost`],
  };
}

/** Returns the commands that recreate a collection without its documents. */
export function recreateCommands(
  { name, options, validator, level, action, indexes }: LiveCollection,
): Document[] {
  const validation = validator === undefined
    ? {}
    : { validator, validationLevel: level, validationAction: action };
  return createCommands(
    name,
    { ...options, ...validation },
    indexes.map(({ spec }) => spec),
  );
}

function createCommands(
  name: string,
  options: Document,
  indexes: readonly Document[],
): Document[] {
  return [
    { create: name, ...options },
    ...indexes.length === 0 ? [] : [{ createIndexes: name, indexes }],
  ];
}

function part(table: string, object: string, text: DifferenceText): Part {
  return {
    ...NOTHING,
    differences: [{ ...text, table, object, weight: 2 }],
  };
}
