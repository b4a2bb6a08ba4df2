import { isPlain } from "../../base/is_plain.ts";
import { nearest } from "../../base/nearest.ts";
import type { AnyModel } from "../../model/types.ts";
import { type KnownRelation, relationNamed } from "../checks/relation.ts";
import { ALL, all, type Condition, not } from "../statement/condition.ts";
import type { Models } from "../statement/models.ts";
import { filterError } from "./target.ts";

/** The quantifiers of each kind of relation. */
const QUANTIFIERS: Readonly<Record<"one" | "many", readonly string[]>> = {
  many: ["some", "none", "every"],
  one: ["is", "isNot"],
};

/** Compiles a filter of the related model. */
type CompileInner = (target: AnyModel, filter: unknown) => Condition;

/**
 * Compiles the part of a filter that is about related rows.
 *
 * @throws {QueryError} if the relation or its model is unknown, or if the value is not an object of quantifiers with filters
 */
export function compileRelated(
  model: AnyModel,
  name: string,
  value: unknown,
  models: Models,
  compileInner: CompileInner,
): Condition {
  const known = relationNamed(model, name, models, "filter");
  const { kind } = known.relation;
  const example = kind === "many" ? "{ some: { … } }" : "{ is: { … } }";
  if (!isPlain(value)) {
    throw filterError(
      { model, field: { name } },
      `${name} is a relation; write ${
        value === null && kind === "one" ? "{ is: null }" : example
      }`,
    );
  }
  const quantifiers = Object.keys(value);
  if (quantifiers.length === 0) {
    throw filterError(
      { model, field: { name } },
      `${name} has no condition; write ${example}`,
    );
  }
  return all(
    quantifiers.map((quantifier) =>
      compileQuantifier(
        model,
        known,
        quantifier,
        value[quantifier],
        compileInner,
      )
    ),
  );
}

function compileQuantifier(
  model: AnyModel,
  known: KnownRelation,
  quantifier: string,
  filter: unknown,
  compileInner: CompileInner,
): Condition {
  const { name, relation: { kind }, target, local, foreign } = known;
  const allowed = QUANTIFIERS[kind];
  if (!allowed.includes(quantifier)) {
    throw filterError(
      { model, field: { name } },
      `${name} is a relation to ${
        kind === "many" ? "many rows" : "one row"
      }, which takes ${allowed.join(", ")}, not "${quantifier}"`,
      nearest(quantifier, allowed),
    );
  }
  if (filter === undefined) {
    throw filterError(
      { model, field: { name } },
      `${name} ${quantifier} is undefined; leave it out, or write {} for all rows`,
    );
  }
  const related = (where: Condition): Condition =>
    Object.freeze({ kind: "related", target, local, foreign, where });
  const inner = kind === "one" && filter === null
    ? undefined
    : compileInner(target, filter);
  switch (quantifier) {
    case "none":
      return not(related(inner ?? ALL));
    case "every":
      return not(related(not(inner ?? ALL)));
    case "is":
      return inner === undefined ? not(related(ALL)) : related(inner);
    case "isNot":
      return inner === undefined ? related(ALL) : not(related(inner));
    default:
      return related(inner ?? ALL);
  }
}
