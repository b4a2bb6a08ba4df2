import {
  DbPluginsError,
  LimitError,
  QueryError,
} from "../../base/errors/mod.ts";
import { MAX_FILTER_LEVELS } from "../../base/max_levels.ts";
import {
  type Budget,
  ExcessError,
  namedExcess,
  newBudget,
  spendCondition,
} from "../../base/value_budget.ts";
import type { AnyModel } from "../../model/types.ts";
import { fieldNamed } from "../checks/field_names.ts";
import { ALL, all, NONE, not } from "../statement/condition.ts";
import type { Condition } from "../statement/statement.ts";
import { compileField, isPlain } from "./compile_field.ts";

/**
 * Compiles a filter to a condition.
 *
 * @throws {QueryError} if a field or operator is unknown, or a value does not match its field
 * @throws {LimitError} if the filter has too many levels, conditions or values, or contains itself
 */
export function compileFilter(model: AnyModel, filter: unknown): Condition {
  if (filter === undefined) return ALL;
  try {
    return compileLevel(model, filter, { level: 1, budget: newBudget() });
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

/** Where in a filter a part of it is. */
interface Place {
  /** How many filters contain the part, and itself. */
  readonly level: number;
  /** What the filter may still contain. */
  readonly budget: Budget;
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
    default:
      return compileField(
        model,
        fieldNamed(model, name, "filter"),
        value,
        place.budget,
      );
  }
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
  { level, budget }: Place,
): Condition {
  if (filter !== undefined) {
    return compileLevel(model, filter, { level: level + 1, budget });
  }
  throw new QueryError(
    `Cannot filter ${model.name}: ${kind} contains undefined; leave it out, or write {} for all rows`,
    { model: model.name, field: kind },
  );
}

function tooDeep({ name }: AnyModel): LimitError {
  return new LimitError(
    `Cannot filter ${name}: the filter has more than ${MAX_FILTER_LEVELS} levels of and, or, and not, or contains itself. Pass the conditions in one array, like { or: [ … ] }`,
    { limit: "levels", allowed: MAX_FILTER_LEVELS },
  );
}

/** Returns the error for a part of a filter whose getter, `toJSON` method, or proxy threw. */
function unreadable(error: unknown, model: AnyModel, name: string): unknown {
  if (error instanceof DbPluginsError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new QueryError(
    `Cannot filter ${model.name}: ${
      name || "the filter"
    } cannot be read: ${reason}`,
    { model: model.name, field: name || "filterBy", cause: error },
  );
}
