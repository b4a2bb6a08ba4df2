import {
  DbPluginsError,
  LimitError,
  messageOf,
  QueryError,
} from "../../base/errors/mod.ts";
import { isPlain } from "../../base/is_plain.ts";
import { MAX_FILTER_LEVELS } from "../../base/max_levels.ts";
import {
  type Budget,
  ExcessError,
  namedExcess,
  newBudget,
  spendCondition,
} from "../../base/value_budget.ts";
import { nearest } from "../../base/nearest.ts";
import type { AnyModel } from "../../model/types.ts";
import { ALL, all, type Condition, NONE, not } from "../statement/condition.ts";
import type { Models } from "../statement/models.ts";
import { compileField } from "./compile_field.ts";
import { compileRelated } from "./compile_related.ts";
import { compileSky } from "./compile_sky.ts";
import { isSkyWord, SKY_WORDS } from "./sky_values.ts";

const NO_MODELS: Models = new Map();

/**
 * Compiles a filter to a condition.
 *
 * @param models the models of the connection, for filters by relations
 * @throws {QueryError} if a field or operator is unknown, or a value does not match its field
 * @throws {LimitError} if the filter has too many levels, conditions or values, or contains itself
 */
export function compileFilter(
  model: AnyModel,
  filter: unknown,
  models: Models = NO_MODELS,
): Condition {
  if (filter === undefined) return ALL;
  try {
    const place = { level: 1, budget: newBudget(), models };
    return compileLevel(model, filter, place);
  } catch (error) {
    throw error instanceof ExcessError
      ? namedExcess(
        error,
        `Cannot filter ${model.name}: the filter`,
        "Pass fewer per call",
      )
      : error;
  }
}

/** The position of a part within a filter. */
interface Place {
  /** The nesting level of the part, from 1. */
  readonly level: number;
  /** What the filter may still contain. */
  readonly budget: Budget;
  /** The models of the connection. */
  readonly models: Models;
}

function compileLevel(
  model: AnyModel,
  filter: unknown,
  place: Place,
): Condition {
  spendCondition(place.budget);
  if (place.level > MAX_FILTER_LEVELS) throw tooDeep(model);
  const terms: Condition[] = [];
  let name = "";
  try {
    if (!isPlain(filter)) {
      throw new QueryError(
        `Cannot filter ${model.name}: a filter must be an object like { oid: "…" }`,
        { model: model.name },
      );
    }
    for (name of Object.keys(filter)) {
      terms.push(compileTerm(model, name, filter[name], place));
    }
  } catch (error) {
    throw unreadable(error, model, name);
  }
  return all(terms);
}

function compileTerm(
  model: AnyModel,
  name: string,
  value: unknown,
  place: Place,
): Condition {
  switch (name) {
    case "and":
    case "or":
      return compileList(model, name, value, place);
    case "not":
      return not(innerFilter(model, name, value, place));
  }
  const field = model.byName.get(name);
  if (field !== undefined) {
    return compileField(model, field, value, place.budget);
  }
  if (model.relations.has(name)) {
    return compileRelated(
      model,
      name,
      value,
      place.models,
      (target, filter) =>
        compileLevel(target, filter, { ...place, level: place.level + 1 }),
    );
  }
  if (isSkyWord(name)) return compileSky(model, name, value, place.budget);
  throw unknownName(model, name);
}

/** Returns the error about an unknown name, which suggests the most similar field, relation or condition on the position. */
function unknownName(model: AnyModel, name: string): QueryError {
  const { byName, relations, spatial } = model;
  return new QueryError(
    `Cannot filter ${model.name}: it has no field "${name}"`,
    {
      model: model.name,
      field: name,
      nearest: nearest(name, [
        ...byName.keys(),
        ...relations.keys(),
        ...spatial === undefined ? [] : SKY_WORDS,
      ]),
    },
  );
}

function compileList(
  model: AnyModel,
  kind: "and" | "or",
  value: unknown,
  place: Place,
): Condition {
  if (!Array.isArray(value)) {
    throw new QueryError(
      `Cannot filter ${model.name}: ${kind} requires an array of filters`,
      { model: model.name, field: kind },
    );
  }
  const terms = Array.from(
    value,
    (inner) => innerFilter(model, kind, inner, place),
  );
  if (kind === "and") return all(terms);
  return terms.length === 0 ? NONE : Object.freeze({ kind, terms });
}

/** Compiles a filter inside another one. An undefined one, such as a misspelled variable, would match every row. */
function innerFilter(
  model: AnyModel,
  kind: "and" | "or" | "not",
  filter: unknown,
  place: Place,
): Condition {
  if (filter !== undefined) {
    return compileLevel(model, filter, { ...place, level: place.level + 1 });
  }
  throw new QueryError(
    `Cannot filter ${model.name}: ${kind} contains undefined; leave it out, or write {} for all rows`,
    { model: model.name, field: kind },
  );
}

function tooDeep({ name }: AnyModel): LimitError {
  return new LimitError(
    `Cannot filter ${name}: the filter has more than ${MAX_FILTER_LEVELS} levels of and, or, not, and relations, or contains itself. Pass the conditions in one array, like { or: [ … ] }`,
    { limit: "levels", allowed: MAX_FILTER_LEVELS },
  );
}

/** Returns the error for a part of a filter whose getter, `toJSON` method, or proxy threw. */
function unreadable(error: unknown, model: AnyModel, name: string): unknown {
  if (error instanceof DbPluginsError) return error;
  const reason = messageOf(error);
  return new QueryError(
    `Cannot filter ${model.name}: ${
      name || "the filter"
    } cannot be read: ${reason}`,
    { model: model.name, field: name || "filterBy", cause: error },
  );
}
