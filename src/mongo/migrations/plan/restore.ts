import type { Document } from "mongodb";
import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type { DraftStep } from "../../../engine/migrations/mod.ts";
import type { LiveCollection } from "../../schema/live_collections.ts";
import { wholeText } from "../compare/validator.ts";
import { canonicalText } from "../file/json.ts";
import { build, dropSteps } from "../steps/index_steps.ts";
import { step } from "../steps/mongo_step.ts";

/** The options of a collection that `collMod` can set to any earlier value. */
const CHANGEABLE = new Set([
  "changeStreamPreAndPostImages",
  "expireAfterSeconds",
  "pipeline",
  "viewOn",
]);

/**
 * Returns the steps that give an existing collection its earlier options, rules
 * and indexes.
 *
 * @param values the steps that restore values of its documents
 * @param converts whether the server can make an existing index unique
 * @throws {MigrationError} if an option cannot be restored
 */
export function restoreSteps(
  current: LiveCollection,
  before: LiveCollection,
  values: readonly DraftStep[],
  converts: boolean,
): DraftStep[] {
  const { name } = before;
  const rules: Document = {
    collMod: name,
    validator: before.validator ?? {},
    validationLevel: before.level,
    validationAction: before.action,
  };
  const changesRules = values.length > 0 ||
    wholeText(current.validator) !== wholeText(before.validator) ||
    current.level !== before.level || current.action !== before.action;
  const enforce = changesRules ? [step(rules)] : [];
  const specs = new Map(current.indexes.map(({ name, spec }) => [name, spec]));
  const kept = before.indexes.filter(({ name, spec }) =>
    isSame(lasting(specs.get(name)), lasting(spec))
  );
  const names = new Set(kept.map(({ name }) => name));
  return [
    ...values.length === 0 ? enforce : [step({
      ...rules,
      validationLevel: "moderate",
      validationAction: "warn",
    })],
    ...dropSteps(name, current.indexes.filter(({ name }) => !names.has(name))),
    ...values,
    ...build(
      name,
      before.indexes.filter(({ name }) => !names.has(name))
        .map(({ spec }) => spec),
      converts,
    ),
    ...kept.flatMap((index) =>
      MODES.filter((mode) =>
        (specs.get(index.name)?.[mode] === true) !== (index.spec[mode] === true)
      ).map((mode) =>
        step({
          collMod: name,
          index: { name: index.name, [mode]: index.spec[mode] === true },
        })
      )
    ),
    ...optionSteps(current, before),
    ...values.length === 0 ? [] : enforce,
  ];
}

/** The options of an index that `collMod` can switch on and off. */
const MODES = ["hidden", "prepareUnique"] as const;

/** Returns the part of an index that only a new build can change. */
function lasting(spec: Document | undefined): Document | undefined {
  if (spec === undefined) return undefined;
  const { hidden: _hidden, prepareUnique: _prepared, ...rest } = spec;
  return rest;
}

function optionSteps(
  current: LiveCollection,
  { name, type, options }: LiveCollection,
): DraftStep[] {
  const changed = [
    ...new Set([...Object.keys(options), ...Object.keys(current.options)]),
  ].filter((option) => !isSame(options[option], current.options[option]));
  const lost = type === current.type
    ? changed.find((option) => !CHANGEABLE.has(option))
    : "type";
  if (lost !== undefined) {
    throw new MigrationError(
      `a step that is done changed the ${lost} of ${name}, which MongoDB cannot change back`,
      { exitCode: EXIT.undecided },
    );
  }
  if (changed.length === 0) return [];
  return [step({
    collMod: name,
    // A view takes both together.
    ...Object.fromEntries(
      (type === "view" ? Object.keys(options) : changed).map((
        option,
      ) => [option, options[option] ?? NONE[option]]),
    ),
  })];
}

/** The value that removes an option. */
const NONE: Readonly<Record<string, unknown>> = {
  changeStreamPreAndPostImages: { enabled: false },
  expireAfterSeconds: "off",
};

function isSame(one: unknown, other: unknown): boolean {
  return canonicalText(one) === canonicalText(other);
}
