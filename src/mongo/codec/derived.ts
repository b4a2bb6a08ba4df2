import type { Document } from "mongodb";
import { ModelError } from "../../base/errors/mod.ts";
import type { Derived } from "../../model/derived.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { storedValue } from "../../query/write/values.ts";
import { hugeIntegerProblem } from "./json_parts.ts";

/** A function that returns why a derived value cannot be computed from a field's value; undefined if every value is valid. */
export function derivedRefusal(
  { mongo: { derived } }: AnyModel,
  field: Field,
): ((value: unknown) => string | undefined) | undefined {
  const { name } = field;
  const rules = [...derived.values()].filter(({ from }) => from.includes(name))
    .flatMap(({ refuse }) => refuse ?? []);
  if (rules.length === 0) return undefined;
  return (value) => {
    const stored = storedValue(field, value);
    if (stored === null) return undefined;
    for (const refuse of rules) {
      const reason = refuse(name, stored);
      if (reason !== undefined) return reason;
    }
    return undefined;
  };
}

/** Adds all derived values to a whole document, in place. */
export function addDerived(model: AnyModel, document: Document): Document {
  for (const [name, derived] of model.mongo.derived) {
    document[name] = computeDerived(model, name, derived, document);
  }
  return document;
}

/** Returns the changes with the values derived from them; undefined if some sources of a derived value are not among the changes. */
export function withDerived(
  model: AnyModel,
  changes: Document,
): Document | undefined {
  let all = changes;
  for (const [name, derived] of model.mongo.derived) {
    const given = sourceCount(model, derived, changes);
    if (given === 0) continue;
    if (given < derived.from.length) return undefined;
    all = { ...all, [name]: computeDerived(model, name, derived, changes) };
  }
  return all;
}

/** The update that makes changes and derived values. If some sources are not among the changes, the server computes the values from the document. */
export function updateWithDerived(
  model: AnyModel,
  changes: Document,
): Document | Document[] {
  const all = withDerived(model, changes);
  if (all !== undefined) return { $set: all };
  const literals = Object.entries(changes)
    .map(([column, $literal]) => [column, { $literal }]);
  return [
    { $set: Object.fromEntries(literals) },
    ...derivedStage(model, changes),
  ];
}

/** The stage of an update in which the server computes the values derived from changed columns; none if there are no such values. */
export function derivedStage(model: AnyModel, changes: Document): Document[] {
  const expressions = [...model.mongo.derived]
    .filter(([, derived]) => sourceCount(model, derived, changes) > 0)
    .map(([name, { expression }]) => [
      name,
      expression((source) =>
        fieldsNamed(model, [source]).map(({ column }) => `$${column}`).join()
      ),
    ]);
  return expressions.length === 0
    ? []
    : [{ $set: Object.fromEntries(expressions) }];
}

/** The number of a derived value's sources among the changes. */
function sourceCount(
  model: AnyModel,
  { from }: Derived,
  changes: Document,
): number {
  return fieldsNamed(model, from).filter(({ column }) =>
    Object.hasOwn(changes, column)
  ).length;
}

function computeDerived(
  model: AnyModel,
  name: string,
  { from, value }: Derived,
  document: Document,
): unknown {
  const sources = fieldsNamed(model, from).map(({ name, column }) => [
    name,
    document[column] ?? null,
  ]);
  const computed = value(Object.fromEntries(sources));
  const problem = hugeIntegerProblem(computed);
  if (problem === undefined) return computed;
  throw new ModelError(
    `Cannot derive ${name} of ${model.name}: the value ${problem}`,
  );
}
