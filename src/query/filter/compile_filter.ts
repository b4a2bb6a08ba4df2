import { QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Condition } from "../statement/statement.ts";
import { ALL, all, NONE, not } from "../statement/condition.ts";
import { fieldNamed } from "../checks/field_names.ts";
import { compileField, isPlain } from "./compile_field.ts";

/** The condition that a filter states, with every name and value checked against the model. */
export function compileFilter(model: AnyModel, filter: unknown): Condition {
  if (filter === undefined) return ALL;
  if (!isPlain(filter)) {
    throw new QueryError(
      `Cannot filter ${model.name}: a filter is an object like { oid: "…" }`,
      { model: model.name },
    );
  }
  const terms: Condition[] = [];
  for (const name of Object.keys(filter)) {
    const value = filter[name];
    if (name === "and" || name === "or") {
      terms.push(joined(model, name, value));
    } else if (name === "not") {
      terms.push(not(compileFilter(model, value)));
    } else {
      const field = fieldNamed(model, name, "filter");
      terms.push(compileField(model, field, value));
    }
  }
  return all(terms);
}

function joined(
  model: AnyModel,
  kind: "and" | "or",
  value: unknown,
): Condition {
  if (!Array.isArray(value)) {
    throw new QueryError(
      `Cannot filter ${model.name}: ${kind} takes a list of filters`,
      { model: model.name, field: kind },
    );
  }
  const terms = value.map((inner) => compileFilter(model, inner));
  if (kind === "and") return all(terms);
  return terms.length === 0 ? NONE : Object.freeze({ kind, terms });
}
