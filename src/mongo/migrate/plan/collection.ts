import type { Document } from "mongodb";
import type { DraftStep, Intent, SchemaPlan } from "../../../migration.ts";
import type { AnyModel } from "../../../model/types.ts";
import {
  indexInWords,
  type WantedCollection,
} from "../../schema/collection.ts";
import { inWords, type Rule, ruleOf, rulesIn } from "../../schema/rules.ts";
import { printed } from "../json.ts";
import type { Live, View } from "../live.ts";
import {
  columnsOf,
  foreignRules,
  mergedValidator,
  rulesText,
  wholeText,
} from "../validator.ts";
import {
  type FieldChange,
  planDerived,
  planFills,
  refusedTypes,
} from "./fields.ts";
import {
  build,
  dropStep,
  type IndexPlan,
  makeUnique,
  planIndexes,
  specOf,
} from "./indexes.ts";
import { inParts, NOTHING, type Part, step } from "./part.ts";
import { questions } from "./questions.ts";
import { fieldRenames } from "./renames.ts";

/** A collection that is there, and the model that it is to fit. */
export interface Subject {
  readonly view: View;
  readonly model: AnyModel;
  readonly wanted: WantedCollection;
  /** Under the name that it has now. */
  readonly live: Live;
  readonly intent: Intent;
  /** By the history, under names of then. */
  readonly managed: ReadonlySet<string>;
  /** Whether the server can make an index unique that is there. */
  readonly converts: boolean;
}

/** What a collection that is there lacks. */
export async function planCollection(subject: Subject): Promise<Part> {
  const { model, wanted, live, intent, managed, converts } = subject;
  const { name } = wanted;
  if (live.type !== "collection") {
    return { ...NOTHING, refused: [notPlain(live)] };
  }
  const there = new Set(columnsOf(live.validator));
  const renames = fieldRenames(model, live.name, intent, there);
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
  const refused = [
    ...indexes.refused,
    ...await refusedTypes(subject, fields),
    ...refusedIds(name, renames),
  ];
  const lost = unset.map((column) => `drop-field ${name}.${column}`);
  const dropped = [...indexes.dropFirst, ...indexes.dropLast].map((index) =>
    `drop-index ${name}#${index.name}`
  );
  const way = steps({
    name,
    live,
    validator,
    renames,
    indexes,
    fills: [...fills.steps, ...derived],
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
      `${name}: ${option} ${JSON.stringify(value)}`
    ),
  ];
  return {
    ...NOTHING,
    ...way,
    changes: changesOf(subject, { fields, renames, gone, indexes, way }),
    names: namesOf(name, { come, renames, gone, indexes }),
    destructive: [...dropped, ...lost],
    irreversible: unset.map((column) =>
      `the documents' values of ${name}.${column} are gone`
    ),
    requires: needsConversion(indexes) && converts ? ["mongodb>=6.0"] : [],
    unmanaged,
    decisions: fills.decisions,
    refused,
  };
}

interface Way {
  readonly name: string;
  readonly live: Live;
  readonly validator: Document;
  readonly renames: ReadonlyMap<string, string>;
  readonly indexes: IndexPlan;
  readonly fills: readonly DraftStep[];
  readonly unset: readonly string[];
  readonly converts: boolean;
}

const SOFT =
  "From here on documents that break the new rules are logged and let through, until those that are there are right.";
const STRICT =
  "Documents are counted first that break the rules: where there are any, this stops and names one.";
const HIDDEN =
  "No query uses it from here on. Until the next step it can be shown again at once.";

/** The way there and back. */
function steps(
  { name, live, validator, renames, indexes, fills, unset, converts }: Way,
): Pick<Part, "up" | "down" | "ignored"> {
  const { dropFirst, create, convert, show, dropLast } = indexes;
  const before = live.validator ?? {};
  const isRules = rulesText(live.validator) !== rulesText(validator) ||
    renames.size > 0 || unset.length > 0;
  const isNotes = !isRules &&
    wholeText(live.validator) !== wholeText(validator);
  const isStrict = live.level === "strict" && live.action === "error";
  const isSlow = isRules || fills.length > 0;
  const soft = (rules: Document): DraftStep =>
    step({
      collMod: name,
      validator: rules,
      validationLevel: "moderate",
      validationAction: "warn",
    }, SOFT);
  const strict = (level: string, action: string): DraftStep =>
    step(
      { collMod: name, validationLevel: level, validationAction: action },
      ...level === "strict" && action === "error" ? [STRICT] : [],
    );
  const rename = (from: string, to: string): DraftStep =>
    inParts(
      name,
      { [from]: { $exists: true }, [to]: { $exists: false } },
      [{ $set: { [to]: `$${from}` } }, { $unset: from }],
    );
  const firm = isRules || !isStrict;
  const up: DraftStep[] = [
    ...isRules ? [soft(validator)] : [],
    ...isNotes ? [step({ collMod: name, validator })] : [],
    ...dropStep(
      name,
      dropFirst,
      "Another takes its place below; MongoDB has no two of these keys at once.",
    ),
    ...[...renames].map(([from, to]) => rename(from, to)),
    ...fills,
    ...unset.map((column) =>
      inParts(name, { [column]: { $exists: true } }, {
        $unset: { [column]: "" },
      })
    ),
    ...build(name, create.map(specOf), converts),
    ...show.map(({ name: index }) => hide(name, index, false)),
    ...convert.flatMap(({ name: index }) => [
      step({ collMod: name, index: { name: index, prepareUnique: true } }),
      makeUnique(name, index),
    ]),
    ...firm ? [strict("strict", "error")] : [],
    ...dropLast.flatMap((index) => [
      hide(name, index.name, true, HIDDEN),
      ...dropStep(name, [index]),
    ]),
  ];
  const back = [...dropFirst, ...convert, ...dropLast].map(({ spec }) => spec);
  const isBare = live.validator === undefined;
  const down: DraftStep[] = [
    ...isRules
      ? [isBare ? step({ collMod: name, validator: {} }) : soft(before)]
      : [],
    ...isNotes ? [step({ collMod: name, validator: before })] : [],
    ...dropStep(name, [...create, ...convert]),
    ...[...renames].map(([from, to]) => rename(to, from)),
    ...build(name, back, converts),
    ...show.map(({ name: index }) => hide(name, index, true)),
    ...firm && !(isBare && isStrict) ? [strict(live.level, live.action)] : [],
  ];
  return {
    up: isSlow || up.length > 0 ? up : [],
    down,
    ignored: [
      ...isNotes
        ? [{ rule: "strict-at-once", why: "only descriptions are different" }]
        : [],
      ...!converts && needsConversion(indexes)
        ? [{
          rule: "unique-at-once",
          why: "before MongoDB 6.0 there is no other way",
        }]
        : [],
    ],
  };
}

function hide(
  collection: string,
  index: string,
  hidden: boolean,
  ...comments: string[]
): DraftStep {
  return step(
    { collMod: collection, index: { name: index, hidden } },
    ...comments,
  );
}

function needsConversion(
  { create, convert, dropFirst, dropLast }: IndexPlan,
): boolean {
  return convert.length > 0 ||
    [...create, ...dropFirst, ...dropLast].some(({ unique }) => unique);
}

interface Found {
  readonly fields: readonly FieldChange[];
  readonly renames: ReadonlyMap<string, string>;
  readonly gone: readonly string[];
  readonly indexes: IndexPlan;
  readonly way: Pick<Part, "up">;
}

function changesOf(
  { wanted: { name }, live, intent }: Subject,
  { fields, renames, gone, indexes, way }: Found,
): string[] {
  const { create, dropFirst, dropLast, convert, show } = indexes;
  const lines = [
    ...live.validator === undefined ? [`${name} gets rules`] : [],
    ...[...renames].map(([from, to]) =>
      `${name}.${from} becomes ${name}.${to}`
    ),
    ...live.validator === undefined
      ? []
      : fields.flatMap(({ field, rule }) =>
        fieldInWords(`${name}.${field.column}`, rule, ruleOf(field))
      ),
    ...gone.map((column) =>
      intent.drops.has(`${name}.${column}`)
        ? `${name}.${column} goes, with its values`
        : `${name}.${column} has no rule any more; documents keep what they have`
    ),
    ...live.level === "strict" && live.action === "error" ? [] : [
      `${name}: validation becomes strict and error, not ${live.level} and ${live.action}`,
    ],
    ...[...dropFirst, ...dropLast].map((index) =>
      `${name}: the index ${indexInWords(index)} goes`
    ),
    ...create.map((index) => `${name}: the index ${indexInWords(index)} comes`),
    ...convert.map((index) =>
      `${name}: the index ${indexInWords(index)} becomes unique`
    ),
    ...show.map((index) =>
      `${name}: the index ${indexInWords(index)} is shown`
    ),
  ];
  return lines.length === 0 && way.up.length > 0
    ? [`${name}: descriptions in its rules are different`]
    : lines;
}

function fieldInWords(
  name: string,
  before: Rule | undefined,
  after: Rule,
): string[] {
  if (before === undefined) return [`${name} (${inWords(after)}) comes`];
  return [
    ...inWords(before) === inWords(after)
      ? []
      : [`${name} was ${inWords(before)} and becomes ${inWords(after)}`],
    ...before.nullable === after.nullable
      ? []
      : [`${name} ${after.nullable ? "may be" : "may not be"} null any more`
        .replace("may be null any more", "may be null")],
  ];
}

function namesOf(
  name: string,
  { come, renames, gone, indexes }:
    & Pick<Found, "renames" | "gone" | "indexes">
    & {
      readonly come: readonly string[];
    },
): string[] {
  return [
    ...come.map((column) => `add_${name}_${column}`),
    ...[...renames].map(([from]) => `rename_${name}_${from}`),
    ...gone.map((column) => `drop_${name}_${column}`),
    ...come.length + renames.size + gone.length > 0 ? [] : [
      ...indexes.create.map((index) => `add_${index.name}`),
      ...indexes.dropLast.map((index) => `drop_${index.name}`),
    ],
    `change_${name}`,
  ].slice(0, 1);
}

function notPlain({ name, type }: Live): SchemaPlan["refused"][number] {
  return {
    change: `${name} is a ${
      type === "timeseries" ? "time series" : type
    }, which can have no rules and no unique keys, and models want a collection`,
    sketch: [
      { create: `${name}_new` },
      {
        aggregate: name,
        pipeline: [{ $merge: { into: `${name}_new`, on: "_id" } }],
      },
      { dbp: `destructive drop-collection ${name}` },
      { drop: name },
      { renameCollection: `${name}_new`, to: name },
    ].map((command) => printed(command, "")).join(",\n"),
  };
}

function refusedIds(
  name: string,
  renames: ReadonlyMap<string, string>,
): SchemaPlan["refused"] {
  return [...renames].filter((pair) => pair.includes("_id")).map((
    [from, to],
  ) => ({
    change:
      `${name}.${from} is to become ${name}.${to}, and MongoDB never changes an _id`,
    sketch: printed({
      aggregate: name,
      pipeline: [
        { $set: { [to]: `$${from}` } },
        { $merge: { into: `${name}_new`, on: "_id" } },
      ],
    }, ""),
  }));
}
