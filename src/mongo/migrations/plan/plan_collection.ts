import { managedName } from "../../../migrations/plan/managed_names.ts";
import type { WantedCollection } from "../../schema/collection.ts";
import { type FieldChange, rulesIn } from "../../schema/validator_rules.ts";
import { type ShardKey, shardKeyText } from "../compare/shard_keys.ts";
import {
  columnsOf,
  foreignRules,
  mergedValidator,
} from "../compare/validator.ts";
import { type Modelled, planFills } from "../decide/fills.ts";
import { planIndexes } from "../decide/plan_indexes.ts";
import { questions } from "../decide/questions.ts";
import {
  irreversibleByShards,
  refusedByShards,
} from "../decide/refused_by_shards.ts";
import {
  refusedClusteredExpiry,
  refusedIds,
  refusedKind,
  refusedTargets,
} from "../decide/refused_collections.ts";
import { refusedTypes } from "../decide/refused_types.ts";
import { textOf } from "../file/json.ts";
import { derivedFields } from "../steps/field_steps.ts";
import { differencesOfChange } from "./differences_of_change.ts";
import { type CollectionChange, NOTHING, type Part } from "./part.ts";
import { buildsUnique, stepsOf } from "./steps_of.ts";

/** An existing collection, under its current name, and its model. */
export interface Existing extends Modelled {
  readonly wanted: WantedCollection;
  /** The new names of fields by their old names. */
  readonly renames: ReadonlyMap<string, string>;
  /** The managed names of the history, before renames. */
  readonly managed: ReadonlySet<string>;
  readonly shardKey: ShardKey | undefined;
  /** Whether the server can make an existing index unique. */
  readonly converts: boolean;
  /** Whether the server allows a unique index beside another one with the same keys. */
  readonly pairs: boolean;
}

/** Plans the changes of an existing collection. */
export async function planCollection(existing: Existing): Promise<Part> {
  const { database, model, wanted, live, intent, renames, managed } = existing;
  const { converts, pairs } = existing;
  const { name } = wanted;
  if (live.type !== "collection" || live.options.capped === true) {
    return { ...NOTHING, refused: [refusedKind(live)] };
  }
  const named = (column: string): string => managedName.column(name, column);
  const columns = new Set(model.fields.map(({ column }) => column));
  const surplus = columnsOf(live.validator).filter((column) =>
    !columns.has(column) && !renames.has(column)
  );
  const isManaged = (column: string): boolean =>
    managed.has(managedName.column(live.name, column));
  const dropped = surplus.filter(isManaged);
  const former = new Map([...renames].map(([from, to]) => [to, from]));
  const rules = rulesIn(live.validator);
  const fields = model.fields.map((field): FieldChange => {
    const before = former.get(field.column) ?? field.column;
    return { field, before, rule: rules?.get(before) };
  });
  const added = columnsOf(live.validator).length === 0
    ? []
    : fields.filter(({ rule }) => rule === undefined)
      .map(({ field }) => field.column);
  const decisions = questions(
    dropped.map(named),
    added.map(named),
    "field",
    intent,
  );
  if (decisions.length > 0) return { ...NOTHING, decisions };
  const indexes = planIndexes({
    collection: name,
    live: live.indexes,
    wanted: wanted.indexes,
    renames,
    isManaged: (index) => managed.has(managedName.rule(live.name, index)),
    converts,
    pairs,
  });
  const indexed = indexes.create.flatMap(({ keys }) =>
    keys.map(([key]) => key)
  );
  const fills = await planFills(existing, fields);
  const unset = dropped.filter((column) => intent.drops.has(named(column)));
  const change: CollectionChange = {
    name,
    live,
    validator: mergedValidator(
      live.validator,
      wanted.validator,
      new Set([...columns, ...dropped, ...renames.keys()]),
    ),
    fields,
    renames,
    dropped,
    unset,
    indexes,
    fills: [...fills.steps, ...derivedFields(model, new Set(indexed))],
    converts,
  };
  const sharded = existing.shardKey && {
    ...change,
    database: database.db.databaseName,
    key: existing.shardKey,
  };
  const steps = stepsOf(change);
  return {
    ...steps,
    differences: steps.up.length === 0 ? [] : differencesOfChange(change),
    lost: unset.map(named),
    irreversible: sharded === undefined ? [] : irreversibleByShards(sharded),
    requires: buildsUnique(indexes) && converts ? ["mongodb>=6.0"] : [],
    unmanaged: [
      ...surplus.filter((column) => column !== "_id" && !isManaged(column))
        .map(named),
      ...indexes.unmanaged,
      ...foreignRules(live.validator).map((rule) =>
        `${name}: ${rule} in its validator`
      ),
      ...Object.entries(live.options).map(([option, value]) =>
        `${name}: ${option} ${textOf(value)}`
      ),
      ...sharded === undefined
        ? []
        : [`${name}: shard key ${shardKeyText(sharded.key)}`],
    ],
    decisions: fills.decisions,
    refused: [
      ...sharded === undefined ? [] : refusedByShards(sharded),
      ...indexes.refused,
      ...await refusedTypes(existing, fields),
      ...refusedIds(name, renames),
      ...await refusedTargets(database, name, live, renames),
      ...refusedClusteredExpiry(live),
    ],
  };
}
