import type {
  Decision,
  Draft,
  DraftStep,
  PlanOptions,
  SchemaPlan,
} from "../../../engine/migrations/mod.ts";
import {
  draftOf,
  irreversibleText,
  planOf,
} from "../../../migrations/plan/draft.ts";
import { tablesIn } from "../../../migrations/plan/managed_names.ts";
import { migrationName } from "../../../migrations/plan/migration_name.ts";
import { resolvedIntent } from "../../../migrations/plan/resolved_intent.ts";
import { meets } from "../../../migrations/file/requirement.ts";
import type { AnyModel } from "../../../model/types.ts";
import { wantedCollection } from "../../schema/collection.ts";
import {
  type LiveCollection,
  liveCollections,
  type PrefixedDatabase,
} from "../../schema/live_collections.ts";
import { columnsOf } from "../compare/validator.ts";
import { type ShardKey, shardKeysIn } from "../compare/shard_keys.ts";
import { questions } from "../decide/questions.ts";
import { commandIn } from "../file/json.ts";
import { losses, lostData } from "../file/losses.ts";
import type { Part } from "./part.ts";
import { planCollection } from "./plan_collection.ts";
import { creation, dropping, renaming } from "./whole_collections.ts";

/**
 * Plans the files that make the collections match the models.
 *
 * @param models in the form of their documents
 */
export async function planSchema(
  database: PrefixedDatabase,
  models: readonly AnyModel[],
  version: string,
  options: PlanOptions,
): Promise<SchemaPlan> {
  const { empty, managed } = options;
  const live: ReadonlyMap<string, LiveCollection> = empty
    ? new Map()
    : await liveCollections(database);
  const shardKeys: ReadonlyMap<string, ShardKey> = empty
    ? new Map()
    : await shardKeysIn(database);
  const held = new Map(
    [...live].map(([name, { validator }]) => [
      name,
      new Set(columnsOf(validator)),
    ]),
  );
  const { intent, renames } = resolvedIntent(options, models, held, {
    table: "collection",
    column: "field",
  });
  const former = new Map([...renames.tables].map(([from, to]) => [to, from]));
  const isAtLeast = (release: string): boolean =>
    meets(`mongodb>=${release}`, "mongodb", version);
  const parts: Part[] = [];
  const added: string[] = [];
  for (const model of models) {
    const { table } = model;
    const existing = live.get(former.get(table) ?? table);
    if (existing === undefined) {
      added.push(table);
      parts.push(creation(model));
      continue;
    }
    const { name } = existing;
    const shardKey = shardKeys.get(name);
    if (name !== table) {
      parts.push(renaming(name, table, shardKey, isAtLeast("5.0")));
    }
    parts.push(
      await planCollection({
        database,
        model,
        wanted: wantedCollection(model),
        live: existing,
        intent,
        renames: renames.columns.get(name) ?? new Map(),
        managed: new Set(managed),
        shardKey,
        converts: isAtLeast("6.0"),
        pairs: isAtLeast("5.0"),
      }),
    );
  }
  const tables = new Set(models.map(({ table }) => table));
  const known = tablesIn(managed);
  const others = [...live.values()].filter(({ name }) =>
    !tables.has(name) && !renames.tables.has(name)
  );
  const dropped = others.filter(({ name }) => known.has(name));
  parts.push(
    ...dropped.map((live) => dropping(live, shardKeys.get(live.name))),
  );
  return assembled(
    parts,
    others.map(({ name }) => name).filter((name) => !known.has(name)),
    questions(dropped.map(({ name }) => name), added, "collection", intent),
  );
}

function assembled(
  parts: readonly Part[],
  unmanaged: readonly string[],
  decisions: readonly Decision[],
): SchemaPlan {
  const all = <Key extends keyof Part>(key: Key): Part[Key][number][] =>
    parts.flatMap((part): Part[Key][number][] => [...part[key]]);
  const draft = (
    steps: readonly DraftStep[],
    lossesOf: typeof losses,
  ): Draft =>
    draftOf(steps, [
      ...parts,
      ...steps.flatMap(({ statements }) =>
        statements.map((text) => ({ destructive: lossesOf(commandIn(text)) }))
      ),
    ]);
  return planOf({
    up: draft(all("up"), losses),
    down: {
      ...draft(parts.toReversed().flatMap(({ down }) => down), lostData),
      irreversible: irreversibleText(all("lost"), all("irreversible")),
    },
    name: migrationName(
      parts.filter(({ up }) => up.length > 0)
        .flatMap(({ differences }) => differences),
    ),
    changes: all("differences").map(({ change }) => change),
    unmanaged: [...unmanaged, ...all("unmanaged")].sort(),
    decisions: [...decisions, ...all("decisions")],
    refused: all("refused"),
  });
}
