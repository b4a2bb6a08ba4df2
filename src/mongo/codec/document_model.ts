import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { assertNotGenerated } from "../../query/checks/not_generated.ts";
import type { Sort, Statement } from "../../query/statement/statement.ts";

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
  switch (statement.kind) {
    case "count":
    case "exists":
    case "delete":
      return { ...statement, model };
    case "insert":
      return {
        ...statement,
        model,
        returning: statement.returning && fieldsOf(statement.returning),
      };
    case "upsert": {
      const { conflict, update, prefer, returning } = statement;
      return {
        ...statement,
        model,
        conflict: fieldsOf(conflict),
        update: update === undefined ? undefined : fieldsOf(update),
        prefer: fieldsOf(prefer),
        returning: returning && fieldsOf(returning),
      };
    }
    case "updateEach":
      return {
        ...statement,
        model,
        key: fieldsOf(statement.key),
        set: fieldsOf(statement.set),
        operations: valuesOf(statement.operations),
      };
    case "updateEachReturning":
      return {
        ...statement,
        model,
        key: fieldsOf(statement.key),
        set: fieldsOf(statement.set),
        operations: valuesOf(statement.operations),
        returning: fieldsOf(statement.returning),
      };
    case "update":
      return {
        ...statement,
        model,
        set: valuesOf(statement.set),
        operations: valuesOf(statement.operations),
      };
    case "updateReturning":
      return {
        ...statement,
        model,
        set: valuesOf(statement.set),
        operations: valuesOf(statement.operations),
        returning: fieldsOf(statement.returning),
        order: orderOf(statement.order),
      };
    case "deleteReturning":
      return {
        ...statement,
        model,
        returning: fieldsOf(statement.returning),
        order: orderOf(statement.order),
      };
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
    case "findNear":
    case "findEach":
    case "find": {
      const order = orderOf(statement.order);
      const fields = fieldsOf(statement.fields);
      if (statement.kind === "findNear") {
        return {
          ...statement,
          model,
          order,
          fields,
          position: {
            ra: fieldOf(statement.position.ra),
            dec: fieldOf(statement.position.dec),
          },
        };
      }
      return statement.kind === "find"
        ? { ...statement, model, order, fields }
        : {
          ...statement,
          model,
          order,
          fields,
          key: statement.key.map(fieldOf),
        };
    }
  }
}
