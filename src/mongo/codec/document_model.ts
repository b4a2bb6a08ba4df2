import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { assertNotGenerated } from "../../query/checks/not_generated.ts";
import type {
  FindStatement,
  Returned,
  Sort,
  Statement,
  UpdateEachStatement,
  UpdateStatement,
} from "../../query/statement/statement.ts";

const known = new WeakMap<AnyModel, AnyModel>();

/** The model with the columns of its documents: the field of `mongo.id` is stored in `_id`. */
export function documentModel(model: AnyModel): AnyModel {
  const { id } = model.mongo;
  if (id === undefined) return model;
  const existing = known.get(model);
  if (existing !== undefined) return existing;
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

/**
 * The models with the columns of their documents, for collections.
 *
 * @throws {ModelError} if a model has a generated column
 */
export function collectionModels(models: readonly AnyModel[]): AnyModel[] {
  return models.map((model) => {
    assertNotGenerated(model, "MongoDB");
    return documentModel(model);
  });
}

/**
 * The statement on {@link documentModel}. Only its condition keeps the fields
 * of the original model: `compileFilter` looks up the columns.
 *
 * @throws {ModelError} if the model has a generated column
 */
export function documentStatement<S extends Statement>(statement: S): S;
export function documentStatement(statement: Statement): Statement {
  assertNotGenerated(statement.model, "MongoDB");
  const model = documentModel(statement.model);
  if (model === statement.model) return statement;
  const fieldOf = (field: Field): Field =>
    model.byName.get(field.name) ?? field;
  const fieldsOf = (fields: readonly Field[]): readonly Field[] =>
    fields === statement.model.fields ? model.fields : fields.map(fieldOf);
  const orderOf = (order: readonly Sort[]): readonly Sort[] =>
    order.map((sort) => ({ ...sort, field: fieldOf(sort.field) }));
  const valuesOf = <Value>(
    values: ReadonlyMap<Field, Value>,
  ): ReadonlyMap<Field, Value> =>
    new Map([...values].map(([field, value]) => [fieldOf(field), value]));
  const selected = (
    { fields, order }: Pick<FindStatement, "fields" | "order">,
  ) => ({ model, fields: fieldsOf(fields), order: orderOf(order) });
  const returned = ({ returning, order }: Returned) => ({
    returning: fieldsOf(returning),
    order: orderOf(order),
  });
  const changed = (
    { set, operations }: Pick<UpdateStatement, "set" | "operations">,
  ) => ({ model, set: valuesOf(set), operations: valuesOf(operations) });
  const changedEach = (
    { key, set, operations }: Pick<
      UpdateEachStatement,
      "key" | "set" | "operations"
    >,
  ) => ({
    model,
    key: fieldsOf(key),
    set: fieldsOf(set),
    operations: valuesOf(operations),
  });
  switch (statement.kind) {
    case "count":
    case "exists":
    case "delete":
      return { ...statement, model };
    case "insert": {
      const { returning } = statement;
      return {
        ...statement,
        model,
        returning: returning && fieldsOf(returning),
      };
    }
    case "upsert": {
      const { conflict, update, prefer, returning } = statement;
      return {
        ...statement,
        model,
        conflict: fieldsOf(conflict),
        update: update && fieldsOf(update),
        prefer: fieldsOf(prefer),
        returning: returning && fieldsOf(returning),
      };
    }
    case "updateEach":
      return { ...statement, ...changedEach(statement) };
    case "updateEachReturning": {
      const returning = fieldsOf(statement.returning);
      return { ...statement, ...changedEach(statement), returning };
    }
    case "update":
      return { ...statement, ...changed(statement) };
    case "updateReturning":
      return { ...statement, ...changed(statement), ...returned(statement) };
    case "deleteReturning":
      return { ...statement, model, ...returned(statement) };
    case "getOrCreate":
    case "insertRow":
      return { ...statement, model, row: valuesOf(statement.row) };
    case "aggregate":
      return {
        ...statement,
        model,
        groupBy: fieldsOf(statement.groupBy),
        measures: statement.measures.map((measure) =>
          measure.kind === "count"
            ? measure
            : { ...measure, field: fieldOf(measure.field) }
        ),
      };
    case "find":
      return { ...statement, ...selected(statement) };
    case "findEach": {
      const key = statement.key.map(fieldOf);
      return { ...statement, ...selected(statement), key };
    }
    case "findNear": {
      const { ra, dec } = statement.position;
      const position = { ra: fieldOf(ra), dec: fieldOf(dec) };
      return { ...statement, ...selected(statement), position };
    }
  }
}
