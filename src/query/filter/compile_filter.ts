import {
  DbPluginsError,
  LimitError,
  QueryError,
} from "../../base/errors/mod.ts";
import { MAX_FILTER_LEVELS } from "../../base/max_levels.ts";
import type { AnyModel } from "../../model/types.ts";
import { fieldNamed } from "../checks/field_names.ts";
import { ALL, all, NONE, not } from "../statement/condition.ts";
import type { Condition } from "../statement/statement.ts";
import { compileField, isPlain } from "./compile_field.ts";

/**
 * Compiles a filter to a condition.
 *
 * @param level how many filters contain this one, and itself
 * @throws {QueryError} if a field or operator is unknown, or a value does not match its field
 * @throws {LimitError} if the filter has too many levels, or contains itself
 */
export function compileFilter(
  model: AnyModel,
  filter: unknown,
  level = 1,
): Condition {
  if (filter === undefined) return ALL;
  if (level > MAX_FILTER_LEVELS) throw tooDeep(model);
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
      terms.push(compileTerm(model, name, filter[name], level));
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
  level: number,
): Condition {
  switch (name) {
    case "and":
    case "or":
      return compileList(model, name, value, level);
    case "not":
      return not(innerFilter(model, name, value, level));
    default:
      return compileField(model, fieldNamed(model, name, "filter"), value);
  }
}

function compileList(
  model: AnyModel,
  kind: "and" | "or",
  value: unknown,
  level: number,
): Condition {
  if (!Array.isArray(value)) {
    throw new QueryError(
      `Cannot filter ${model.name}: ${kind} requires an array of filters`,
      { model: model.name, field: kind },
    );
  }
  const terms = Array.from(
    value,
    (inner) => innerFilter(model, kind, inner, level),
  );
  if (kind === "and") return all(terms);
  return terms.length === 0 ? NONE : Object.freeze({ kind, terms });
}

/** Compiles a filter inside another one. An undefined one, such as a misspelled variable, would match every row. */
function innerFilter(
  model: AnyModel,
  kind: "and" | "or" | "not",
  filter: unknown,
  level: number,
): Condition {
  if (filter !== undefined) return compileFilter(model, filter, level + 1);
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
