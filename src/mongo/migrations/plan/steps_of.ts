import type { Document } from "mongodb";
import type { DraftStep } from "../../../engine/migrations/mod.ts";
import { rulesText, wholeText } from "../compare/validator.ts";
import { build, dropSteps, makeUnique, specOf } from "../steps/index_steps.ts";
import type { IndexPlan } from "../decide/plan_indexes.ts";
import { batchedUpdate, step } from "../steps/mongo_step.ts";
import { narrowedNumbers, renamedField } from "../steps/field_steps.ts";
import type { CollectionChange, Part } from "./part.ts";

const ACCEPTED =
  "From this step on, documents that break the new rules are logged and accepted, until all existing documents are valid.";
const REJECTED =
  "This step counts the documents that break the rules. If there are any, it names one and changes nothing.";
const HIDDEN =
  "From this step on, no query uses the index. Until the next step it can be unhidden at once.";
const IN_THE_WAY =
  "A later step creates an index with the same keys or the same name, and MongoDB does not allow both.";

/** Returns the steps of a changed collection in both directions. */
export function stepsOf(
  change: CollectionChange,
): Pick<Part, "up" | "down" | "ignored"> {
  const { name, live, validator, fields, renames, indexes, fills, unset } =
    change;
  const { converts } = change;
  const { dropFirst, create, convert, show, dropLast } = indexes;
  const before = live.validator ?? {};
  const isBare = live.validator === undefined;
  const isStrict = live.level === "strict" && live.action === "error";
  const changesRules = rulesText(live.validator) !== rulesText(validator) ||
    renames.size > 0 || unset.length > 0;
  const changesTexts = !changesRules &&
    wholeText(live.validator) !== wholeText(validator);
  const changesLevel = changesRules || !isStrict;
  const accept = (validator: Document): DraftStep =>
    step({
      collMod: name,
      validator,
      validationLevel: "moderate",
      validationAction: "warn",
    }, ACCEPTED);
  const enforce = (level: string, action: string): DraftStep =>
    step(
      { collMod: name, validationLevel: level, validationAction: action },
      ...level === "strict" && action === "error" ? [REJECTED] : [],
    );
  const hide = (index: string, hidden: boolean, ...comments: string[]) =>
    step({ collMod: name, index: { name: index, hidden } }, ...comments);
  const up: DraftStep[] = [
    ...changesRules ? [accept(validator)] : [],
    ...changesTexts ? [step({ collMod: name, validator })] : [],
    ...dropSteps(name, dropFirst, IN_THE_WAY),
    ...[...renames].map(([from, to]) => renamedField(name, from, to)),
    ...fills,
    ...unset.map((column) =>
      batchedUpdate(name, { [column]: { $exists: true } }, {
        $unset: { [column]: "" },
      })
    ),
    ...build(name, create.map(specOf), converts),
    ...show.map((index) => hide(index.name, false)),
    ...convert.flatMap((index) => [
      step({ collMod: name, index: { name: index.name, prepareUnique: true } }),
      makeUnique(name, index.name),
    ]),
    ...changesLevel ? [enforce("strict", "error")] : [],
    ...dropLast.flatMap((index) => [
      hide(index.name, true, HIDDEN),
      ...dropSteps(name, [index]),
    ]),
  ];
  const down: DraftStep[] = [
    ...changesRules
      ? [isBare ? step({ collMod: name, validator: {} }) : accept(before)]
      : [],
    ...changesTexts ? [step({ collMod: name, validator: before })] : [],
    ...dropSteps(name, [...create, ...convert]),
    ...[...renames].map(([from, to]) => renamedField(name, to, from)),
    ...narrowedNumbers(name, fields),
    ...build(
      name,
      [...dropFirst, ...convert, ...dropLast].map(({ spec }) => spec),
      converts,
    ),
    ...show.map((index) => hide(index.name, true)),
    ...changesLevel && !(isBare && isStrict)
      ? [enforce(live.level, live.action)]
      : [],
  ];
  return {
    up,
    down,
    ignored: [
      ...changesTexts
        ? [{ rule: "strict-at-once", why: "only descriptions differ" }]
        : [],
      ...!converts && buildsUnique(indexes)
        ? [{
          rule: "unique-at-once",
          why: "MongoDB before 6.0 has no other way",
        }]
        : [],
    ],
  };
}

/** Returns whether either direction makes an index of existing documents unique. */
export function buildsUnique(
  { create, convert, dropFirst, dropLast }: IndexPlan,
): boolean {
  return convert.length > 0 ||
    [...create, ...dropFirst, ...dropLast].some(({ unique }) => unique);
}
