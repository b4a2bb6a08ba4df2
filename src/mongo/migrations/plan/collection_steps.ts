import type { Document } from "mongodb";
import type { DraftStep } from "../../../engine/migrations/mod.ts";
import type { Live } from "../compare/live_collections.ts";
import { rulesText, wholeText } from "../compare/validator.ts";
import { build, dropStep, makeUnique, specOf } from "../steps/index_steps.ts";
import type { IndexPlan } from "../steps/indexes.ts";
import { inParts, type Part, step } from "../steps/part.ts";

/** What a collection that is there is to become. */
export interface Way {
  /** Its name, once a rename is made. */
  readonly name: string;
  readonly live: Live;
  /** Its new rules. */
  readonly validator: Document;
  /** From old fields to new ones. */
  readonly renames: ReadonlyMap<string, string>;
  readonly indexes: IndexPlan;
  /** What gives values to fields. */
  readonly fills: readonly DraftStep[];
  /** What makes values on the way back what they were. */
  readonly unfills: readonly DraftStep[];
  /** Fields that go, with their values. */
  readonly unset: readonly string[];
  /** Whether the server can make an index unique that is there. */
  readonly converts: boolean;
}

const SOFT =
  "From here on documents that break the new rules are logged and let through, until those that are there are right.";
const STRICT =
  "Documents are counted first that break the rules: where there are any, this stops and names one.";
const HIDDEN =
  "No query uses it from here on. Until the next step it can be shown again at once.";

/** The way there and back. */
export function waysOf(
  { name, live, validator, renames, indexes, fills, unfills, unset, converts }:
    Way,
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
      "Another takes its keys or its name below; MongoDB has no two of either at once.",
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
    ...unfills,
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

/** Whether an index becomes unique on documents that are there, on the way there or back. */
export function needsConversion(
  { create, convert, dropFirst, dropLast }: IndexPlan,
): boolean {
  return convert.length > 0 ||
    [...create, ...dropFirst, ...dropLast].some(({ unique }) => unique);
}
