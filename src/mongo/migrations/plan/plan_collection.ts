import type { Intent } from "../../../engine/migrations/mod.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { WantedCollection } from "../../schema/collection.ts";
import { rulesIn } from "../../schema/validator_rules.ts";
import { textOf } from "../file/json.ts";
import type { Live, View } from "../compare/live_collections.ts";
import { keyInWords, type ShardKey } from "../compare/shard_keys.ts";
import {
  columnsOf,
  foreignRules,
  mergedValidator,
} from "../compare/validator.ts";
import { refusedLife } from "../compare/expiring_documents.ts";
import {
  type FieldChange,
  planDerived,
  planFills,
  refusedTypes,
} from "../steps/fields.ts";
import { planIndexes } from "../steps/indexes.ts";
import { NOTHING, type Part } from "../steps/part.ts";
import { questions } from "../decide/questions.ts";
import { notPlain, refusedIds, refusedTargets } from "../decide/refused.ts";
import {
  noWayBack,
  refusedByShards,
  type Spread,
} from "../decide/refused_by_shards.ts";
import { needsConversion, waysOf } from "./collection_steps.ts";
import { narrowed } from "../steps/narrowed_numbers.ts";
import { changesOf, namesOf } from "./change_text.ts";

/** A collection that is there, and the model that it is to fit. */
export interface Subject {
  readonly view: View;
  readonly model: AnyModel;
  readonly wanted: WantedCollection;
  /** Under the name that it has now. */
  readonly live: Live;
  readonly intent: Intent;
  /** From old names of fields to new ones. */
  readonly renames: ReadonlyMap<string, string>;
  /** By the history, under names of then. */
  readonly managed: ReadonlySet<string>;
  /** By what it is spread over shards. */
  readonly shardKey: ShardKey | undefined;
  /** Whether the server can make an index unique that is there. */
  readonly converts: boolean;
}

/** What a collection that is there lacks. */
export async function planCollection(subject: Subject): Promise<Part> {
  const { view, model, wanted, live, intent, renames, managed, converts } =
    subject;
  const { name } = wanted;
  if (live.type !== "collection" || live.options.capped === true) {
    return { ...NOTHING, refused: [notPlain(live)] };
  }
  const there = new Set(columnsOf(live.validator));
  const columns = new Set(model.fields.map(({ column }) => column));
  const isManaged = (column: string): boolean =>
    managed.has(`${live.name}.${column}`);
  const gone = [...there].filter((column) =>
    isManaged(column) && !columns.has(column) && !renames.has(column)
  );
  const renamedTo = new Map([...renames].map(([from, to]) => [to, from]));
  const rules = rulesIn(live.validator);
  const fields = model.fields.map((field): FieldChange => {
    const before = renamedTo.get(field.column) ?? field.column;
    return { field, before, rule: rules?.get(before) };
  });
  const come = there.size === 0
    ? []
    : fields.filter(({ rule }) => rule === undefined).map(({ field }) =>
      field.column
    );
  const decisions = questions(
    gone.map((column) => `${name}.${column}`),
    come.map((column) => `${name}.${column}`),
    "field",
    intent,
  );
  if (decisions.length > 0) return { ...NOTHING, decisions };
  const indexes = planIndexes({
    collection: name,
    live: live.indexes,
    wanted: wanted.indexes,
    renames,
    isManaged: (index) => managed.has(`${live.name}#${index}`),
    converts,
  });
  const fills = await planFills(subject, fields);
  const derived = planDerived(
    subject,
    new Set(indexes.create.flatMap(({ keys }) => keys.map(([key]) => key))),
  );
  const own = new Set([
    ...columns,
    ...gone,
    ...renames.keys(),
  ]);
  const validator = mergedValidator(live.validator, wanted.validator, own);
  const unset = gone.filter((column) => intent.drops.has(`${name}.${column}`));
  const spread: Spread | undefined = subject.shardKey && {
    database: view.db.databaseName,
    name,
    key: subject.shardKey,
    live,
    renames,
    unset,
    fills: [...fills.steps, ...derived],
    indexes,
  };
  const refused = [
    ...spread === undefined ? [] : refusedByShards(spread),
    ...indexes.refused,
    ...await refusedTypes(subject, fields),
    ...refusedIds(name, renames),
    ...await refusedTargets(view, name, live, renames),
    ...refusedLife(live),
  ];
  const lost = unset.map((column) => `drop-field ${name}.${column}`);
  const dropped = [...indexes.dropFirst, ...indexes.dropLast].map((index) =>
    `drop-index ${name}#${index.name}`
  );
  const way = waysOf({
    name,
    live,
    validator,
    renames,
    indexes,
    fills: [...fills.steps, ...derived],
    unfills: narrowed(name, fields),
    unset,
    converts,
  });
  const unmanaged = [
    ...[...there].filter((column) =>
      column !== "_id" && !columns.has(column) && !isManaged(column) &&
      !renames.has(column)
    ).map((column) => `${name}.${column}`),
    ...indexes.unmanaged,
    ...foreignRules(live.validator).map((rule) =>
      `${name}: ${rule} in its validator`
    ),
    ...Object.entries(live.options).map(([option, value]) =>
      `${name}: ${option} ${textOf(value)}`
    ),
    ...spread === undefined
      ? []
      : [`${name}: shard key ${keyInWords(spread.key)}`],
  ];
  const found = {
    name,
    live,
    fields,
    come,
    renames,
    gone,
    unset,
    indexes,
    way,
  };
  return {
    ...NOTHING,
    ...way,
    changes: changesOf(found),
    names: namesOf(found),
    destructive: [...dropped, ...lost],
    irreversible: [
      ...unset.map((column) =>
        `the documents' values of ${name}.${column} are gone`
      ),
      ...spread === undefined ? [] : noWayBack(spread),
    ],
    requires: needsConversion(indexes) && converts ? ["mongodb>=6.0"] : [],
    unmanaged,
    decisions: fills.decisions,
    refused,
  };
}
