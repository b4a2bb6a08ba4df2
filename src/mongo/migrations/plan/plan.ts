import type {
  Decision,
  Direction,
  Draft,
  DraftStep,
  PlanOptions,
  SchemaPlan,
} from "../../../engine/migrations/mod.ts";
import { assertKnownNames } from "../../../migrations/plan/intent.ts";
import { tablesIn } from "../../../migrations/plan/managed_names.ts";
import { intentUnder } from "../../../migrations/plan/renames.ts";
import { meets } from "../../../migrations/file/requirement.ts";
import type { AnyModel } from "../../../model/types.ts";
import { wantedCollection } from "../../schema/collection.ts";
import type { Live, View } from "../compare/live_collections.ts";
import { commandIn } from "../file/json.ts";
import { liveIn } from "../compare/live_collections.ts";
import { lostData } from "../file/losses.ts";
import {
  keyInWords,
  type ShardKey,
  shardKeysIn,
} from "../compare/shard_keys.ts";
import { planCollection } from "./plan_collection.ts";
import { specOf } from "../steps/index_steps.ts";
import { NOTHING, type Part, step } from "../steps/part.ts";
import { questions } from "../decide/questions.ts";
import { collectionRenames, heldIn } from "../compare/renames.ts";
import { refusedRename } from "../decide/refused_by_shards.ts";

/**
 * What it takes to make the collections what the models say. Changes nothing.
 *
 * @param models as their documents are
 */
export async function planSchema(
  view: View,
  models: readonly AnyModel[],
  version: string,
  { intent: said, managed: names, empty }: PlanOptions,
): Promise<SchemaPlan> {
  const live: ReadonlyMap<string, Live> = empty
    ? new Map()
    : await liveIn(view);
  const shardKeys: ReadonlyMap<string, ShardKey> = empty
    ? new Map()
    : await shardKeysIn(view);
  const managed = new Set(names);
  const asked = collectionRenames(models, said, live);
  const renames = asked.tables;
  assertKnownNames(said, {
    managed: names,
    models,
    live: heldIn(live),
    renames: asked,
  });
  const intent = intentUnder(said, asked);
  const before = new Map([...renames].map(([from, to]) => [to, from]));
  const parts: Part[] = [];
  const created: string[] = [];
  for (const model of models) {
    const { table } = model;
    const there = live.get(before.get(table) ?? table);
    if (there === undefined) {
      created.push(table);
      parts.push(creation(model));
      continue;
    }
    const shardKey = shardKeys.get(there.name);
    if (there.name !== table) {
      parts.push({
        ...renaming(there.name, table),
        refused: shardKey === undefined ||
            meets("mongodb>=5.0", "mongodb", version)
          ? []
          : [refusedRename(there.name, table, shardKey)],
      });
    }
    parts.push(
      await planCollection({
        view,
        model,
        wanted: wantedCollection(model),
        live: there,
        intent,
        renames: asked.columns.get(there.name) ?? new Map(),
        managed,
        shardKey,
        converts: meets("mongodb>=6.0", "mongodb", version),
      }),
    );
  }
  const tables = new Set(models.map(({ table }) => table));
  const others = [...live.values()].filter(({ name }) =>
    !tables.has(name) && !renames.has(name)
  );
  const known = tablesIn(names);
  const gone = others.filter(({ name }) => known.has(name));
  parts.push(
    ...gone.map((live) => dropping(live, shardKeys.get(live.name))),
  );
  const unmanaged = [
    ...others.filter(({ name }) => !known.has(name)).map(({ name }) => name),
    ...parts.flatMap(({ unmanaged }) => unmanaged),
  ].sort();
  return assembled(parts, unmanaged, [
    ...questions(gone.map(({ name }) => name), created, "collection", intent),
    ...parts.flatMap(({ decisions }) => decisions),
  ]);
}

function assembled(
  parts: readonly Part[],
  unmanaged: readonly string[],
  decisions: readonly Decision[],
): SchemaPlan {
  const asked = decisions.length > 0;
  const all = <Key extends keyof Part>(key: Key): Part[Key][number][] =>
    parts.flatMap((part): Part[Key][number][] => [...part[key]]);
  const draft = (
    direction: Direction,
    steps: readonly DraftStep[],
  ): Draft => {
    const up = direction === "up";
    const irreversible = all("irreversible");
    return {
      steps: asked ? [] : steps,
      destructive: asked ? [] : up ? all("destructive") : lostBy(steps),
      requires: asked ? [] : [...new Set(all("requires"))],
      ignored: asked ? [] : [
        ...new Map(all("ignored").map((one) => [one.rule, one])).values(),
      ],
      ...up || asked || irreversible.length === 0
        ? {}
        : { irreversible: irreversible.join("; ") },
    };
  };
  return {
    up: draft("up", all("up")),
    down: draft("down", parts.toReversed().flatMap(({ down }) => down)),
    name: nameOf(parts),
    changes: all("changes"),
    unmanaged,
    decisions,
    refused: all("refused"),
  };
}

function lostBy(steps: readonly DraftStep[]): readonly string[] {
  const lost = steps.flatMap(({ statements }) =>
    statements.flatMap((text) => lostData(commandIn(text)))
  );
  return [...new Set(lost)];
}

/** How long a name may be, and of how many changes it tells. */
const LONGEST = 60;
const NAMED = 2;

function nameOf(parts: readonly Part[]): string {
  const names = parts.filter(({ up }) => up.length > 0).flatMap((
    { names },
  ) => names);
  const some = names.slice(0, NAMED).join("_");
  const more = names.length > NAMED ? `_and_${names.length - NAMED}_more` : "";
  const name = `${some}${more}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
  return name.slice(0, LONGEST).replaceAll(/^_+|_+$/g, "") || "schema";
}

function creation(model: AnyModel): Part {
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
    changes: [`${name} comes`],
    names: [`create_${name}`],
  };
}

function renaming(from: string, to: string): Part {
  return {
    ...NOTHING,
    up: [step({ renameCollection: from, to })],
    down: [step({ renameCollection: to, to: from })],
    changes: [`${from} becomes ${to}`],
    names: [`rename_${from}_${to}`],
  };
}

function dropping(live: Live, shardKey: ShardKey | undefined): Part {
  const { name, options, validator, level, action, indexes } = live;
  const sharded = shardKey === undefined
    ? ""
    : ` and its shard key ${keyInWords(shardKey)}`;
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
    changes: [`${name} goes, with its documents${sharded}`],
    names: [`drop_${name}`],
    destructive: [`drop-collection ${name}`],
    irreversible: [`the documents of ${name}${sharded} are gone`],
  };
}
