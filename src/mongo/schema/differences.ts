import { indexInWords, serves, type WantedCollection } from "./collection.ts";
import type { LiveCollection } from "./introspect.ts";
import { inWords, type Rule } from "./validator_rules.ts";

/**
 * What tells a collection from the one its model wants, in words. Names of
 * indexes do not count, and neither do descriptions; indexes that no model
 * asked for are the administrator's own.
 */
export function differences(
  live: LiveCollection,
  wanted: WantedCollection,
): string[] {
  return [
    ...ruleDifferences(live, wanted),
    ...wanted.indexes.filter((index) =>
      !live.indexes.some((other) => serves(other, index))
    ).map((index) => `${live.name} lacks the index ${indexInWords(index)}`),
  ];
}

function ruleDifferences(
  { name, rules, level, action }: LiveCollection,
  wanted: WantedCollection,
): string[] {
  if (rules === undefined) {
    return [`${name} has no $jsonSchema that its documents must meet`];
  }
  return [
    ...(level === "strict" && action === "error" ? [] : [
      `${name} has the validation level ${level} and action ${action}, the model says strict and error`,
    ]),
    ...[...wanted.rules].flatMap(([column, rule]) =>
      oneRule(`${name}.${column}`, rules.get(column), rule)
    ),
    ...[...rules].filter(([column]) =>
      column !== "_id" && !wanted.rules.has(column)
    ).map(([column, rule]) =>
      `${name} has a rule for ${column} (${
        inWords(rule)
      }) that the model does not know`
    ),
  ];
}

function oneRule(
  place: string,
  live: Rule | undefined,
  wanted: Rule,
): string[] {
  if (live === undefined) return [`${place} (${inWords(wanted)}) has no rule`];
  return [
    ...(inWords(live) === inWords(wanted)
      ? []
      : [`${place} is ${inWords(live)}, the model says ${inWords(wanted)}`]),
    ...(live.nullable === wanted.nullable ? [] : [
      wanted.nullable
        ? `${place} is required, the model says it may be null`
        : `${place} may be null, the model says it is required`,
    ]),
  ];
}
