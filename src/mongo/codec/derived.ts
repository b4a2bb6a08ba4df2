import type { Document } from "mongodb";
import { ValidationError } from "../../base/errors/mod.ts";
import type { Derived } from "../../model/derived.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { pathOf } from "./projection.ts";

/** Why a field may not hold a value from which another is derived. */
export function refusalOf(
  { mongo: { derived } }: AnyModel,
  { name }: Field,
): ((value: unknown) => string | undefined) | undefined {
  const rules = [...derived.values()].filter(({ from }) => from.includes(name))
    .flatMap(({ refuse }) => refuse ?? []);
  if (rules.length === 0) return undefined;
  return (value) => {
    if (value === null || value === undefined) return undefined;
    for (const refuse of rules) {
      const reason = refuse(name, value);
      if (reason !== undefined) return reason;
    }
    return undefined;
  };
}

/**
 * Refuses the values of a statement from which nothing can be derived.
 *
 * @throws {ValidationError} with every one of them
 */
export function refuseUnderivable(
  model: AnyModel,
  values: Iterable<readonly [Field, unknown]>,
  index: number,
): void {
  if (model.mongo.derived.size === 0) return;
  const problems = [...values].flatMap(([field, value]) => {
    const reason = refusalOf(model, field)?.(value);
    return reason === undefined
      ? []
      : [{ index, field: field.name, value, reason }];
  });
  if (problems.length > 0) throw new ValidationError(model.name, problems);
}

/** Puts what is derived into a whole document. */
export function derive(model: AnyModel, document: Document): Document {
  for (const [name, derived] of model.mongo.derived) {
    document[name] = valueOf(model, derived, document);
  }
  return document;
}

/** An update that sets fields and what is derived from them: from the document too where not all sources are set. */
export function changeOf(
  model: AnyModel,
  set: Document,
): Document | Document[] {
  const whole = deriveAlong(model, set);
  if (whole !== undefined) return { $set: whole };
  const expressions = [...model.mongo.derived]
    .filter(([, derived]) => sourcesIn(model, derived, set) > 0)
    .map(([name, { expression }]) => [
      name,
      expression((source) => fieldsNamed(model, [source]).map(pathOf).join()),
    ]);
  return [
    {
      $set: Object.fromEntries(
        Object.entries(set).map((
          [column, $literal],
        ) => [column, { $literal }]),
      ),
    },
    { $set: Object.fromEntries(expressions) },
  ];
}

/** The same fields with what is derived from them; undefined where some sources of it are missing. */
export function deriveAlong(
  model: AnyModel,
  set: Document,
): Document | undefined {
  let along = set;
  for (const [name, derived] of model.mongo.derived) {
    const given = sourcesIn(model, derived, set);
    if (given === 0) continue;
    if (given < derived.from.length) return undefined;
    along = { ...along, [name]: valueOf(model, derived, set) };
  }
  return along;
}

function sourcesIn(
  model: AnyModel,
  { from }: Derived,
  set: Document,
): number {
  return fieldsNamed(model, from).filter(({ column }) =>
    Object.hasOwn(set, column)
  ).length;
}

function valueOf(
  model: AnyModel,
  { from, value }: Derived,
  document: Document,
): unknown {
  return value(
    Object.fromEntries(
      fieldsNamed(model, from).map((
        { name, column },
      ) => [name, document[column] ?? null]),
    ),
  );
}
