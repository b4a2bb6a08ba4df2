import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Condition, Statement } from "../../query/statement/statement.ts";

const known = new WeakMap<AnyModel, AnyModel>();

/** A model as its documents are: the field that is kept in `_id` has that name there. */
export function documentModel(model: AnyModel): AnyModel {
  const { id } = model.mongo;
  if (id === undefined) return model;
  const before = known.get(model);
  if (before !== undefined) return before;
  const fields = model.fields.map((field) =>
    field.name === id ? { ...field, column: "_id" } : field
  );
  const mapped: AnyModel = {
    ...model,
    fields,
    byName: new Map(fields.map((field) => [field.name, field])),
  };
  known.set(model, mapped);
  known.set(mapped, mapped);
  return mapped;
}

/** A statement on {@link documentModel}. */
export function documentStatement<S extends Statement>(statement: S): S;
export function documentStatement(statement: Statement): Statement {
  const model = documentModel(statement.model);
  if (model === statement.model) return statement;
  const of = (field: Field): Field => model.byName.get(field.name) ?? field;
  const all = (fields: readonly Field[]): readonly Field[] =>
    fields === statement.model.fields ? model.fields : fields.map(of);
  switch (statement.kind) {
    case "insert":
      return { ...statement, model };
    case "upsert": {
      const { conflict, update, prefer } = statement;
      return {
        ...statement,
        model,
        conflict: all(conflict),
        update: update === undefined ? undefined : all(update),
        prefer: all(prefer),
      };
    }
    case "updateEach":
      return { ...statement, model, set: all(statement.set) };
    case "update":
      return {
        ...statement,
        model,
        where: inDocuments(statement.where, of),
        set: new Map([...statement.set].map(([field, to]) => [of(field), to])),
      };
    case "getOrCreate":
      return {
        ...statement,
        model,
        where: inDocuments(statement.where, of),
        row: new Map([...statement.row].map(([field, to]) => [of(field), to])),
      };
    case "find":
      return {
        ...statement,
        model,
        where: inDocuments(statement.where, of),
        order: statement.order.map((sort) => ({
          ...sort,
          field: of(sort.field),
        })),
        fields: all(statement.fields),
      };
    case "count":
    case "exists":
    case "delete":
      return { ...statement, model, where: inDocuments(statement.where, of) };
  }
}

function inDocuments(expr: Condition, of: (field: Field) => Field): Condition {
  switch (expr.kind) {
    case "all":
    case "none":
      return expr;
    case "and":
    case "or":
      return {
        ...expr,
        terms: expr.terms.map((term) => inDocuments(term, of)),
      };
    case "not":
      return { ...expr, term: inDocuments(expr.term, of) };
    case "keys":
      return { ...expr, fields: expr.fields.map(of) };
    default:
      return { ...expr, field: of(expr.field) };
  }
}
