import {
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
import { NOTHING, type Part } from "./part.ts";

/** Creates a collection. */
export function creation(model: AnyModel): Part {
  const { name, validator, indexes } = wantedCollection(model);
  return {
    ...NOTHING,
    up: [
      step({
        create: name,
        validator,
        validationLevel: "strict",
        validationAction: "error",
      }),
      ...indexes.length === 0
        ? []
        : [step({ createIndexes: name, indexes: indexes.map(specOf) })],
    ],
    down: [step({ drop: name })],
    differences: [{
      ...missing(`the collection ${name}`),
      table: name,
      object: name,
      weight: 2,
    }],
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
    ...NOTHING,
    up: [step({ renameCollection: from, to })],
    down: [step({ renameCollection: to, to: from })],
    differences: [{
      ...renamed(`the collection ${from}`, to),
      table: to,
      object: `${from}_to_${to}`,
      weight: 2,
    }],
    refused: shardKey === undefined || renamesSharded
      ? []
      : [refusedRename(from, to, shardKey)],
  };
}

/** Drops a collection. */
export function dropping(
  { name, options, validator, level, action, indexes }: LiveCollection,
  shardKey: ShardKey | undefined,
): Part {
  const key = shardKey === undefined ? undefined : shardKeyText(shardKey);
  return {
    ...NOTHING,
    up: [step({ drop: name })],
    down: [
      step({
        create: name,
        ...options,
        ...validator === undefined
          ? {}
          : { validator, validationLevel: level, validationAction: action },
      }),
      ...indexes.length === 0 ? [] : [
        step({
          createIndexes: name,
          indexes: indexes.map(({ spec }) => spec),
        }),
      ],
    ],
    differences: [{
      ...unknown(
        `the collection ${name} with its documents${
          key === undefined ? "" : ` and its shard key ${key}`
        }`,
      ),
      table: name,
      object: name,
      weight: 2,
    }],
    lost: [name],
    irreversible: key === undefined
      ? []
      : [`the shard key ${key} of ${name} is lost`],
  };
}
