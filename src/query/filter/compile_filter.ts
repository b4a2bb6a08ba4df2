import { QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { fieldNamed } from "../checks/field_names.ts";
import { ALL, all, NONE, not } from "../statement/condition.ts";
import type { Condition } from "../statement/statement.ts";
import { compileField, isPlain } from "./compile_field.ts";

/**
 * Compiles a filter to a condition.
 *
 * @throws {QueryError} if a field or operator is unknown, or a value does not match its field
 */
export function compileFilter(model: AnyModel, filter: unknown): Condition {
  if (filter === undefined) return ALL;
  if (!isPlain(filter)) {
    throw new QueryError(
      `Cannot filter ${model.name}: a filter must be an object like { oid: "…" }`,
      { model: model.name },
    );
  }
  const terms: Condition[] = [];
  for (const name of Object.keys(filter)) {
    const value = filter[name];
    if (name === "and" || name === "or") {
      terms.push(compileList(model, name, value));
    } else if (name === "not") {
      terms.push(not(innerFilter(model, "not", value)));
    } else {
      const field = fieldNamed(model, name, "filter");
      terms.push(compileField(model, field, value));
    }
  }
  return all(terms);
}

function compileList(
  model: AnyModel,
  kind: "and" | "or",
  value: unknown,
): Condition {
  if (!Array.isArray(value)) {
    throw new QueryError(
      `Cannot filter ${model.name}: ${kind} requires an array of filters`,
      { model: model.name, field: kind },
    );
  }
  const terms = Array.from(value, (inner) => innerFilter(model, kind, inner));
  if (kind === "and") return all(terms);
  return terms.length === 0 ? NONE : Object.freeze({ kind, terms });
}

/** Compiles a filter inside another one. An undefined one, such as a misspelled variable, would match every row. */
function innerFilter(
  model: AnyModel,
  kind: "and" | "or" | "not",
  filter: unknown,
): Condition {
  if (filter !== undefined) return compileFilter(model, filter);
  throw new QueryError(
    `Cannot filter ${model.name}: ${kind} contains undefined; leave it out, or write {} for all rows`,
    { model: model.name, field: kind },
  );
}
